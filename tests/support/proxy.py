"""A proxy on loopback, for tests: it answers CONNECT and passes bytes on, for hosts whose place it alone knows.

    with Proxy({"models.test:443": port}) as proxy:     # where each host is: a port of loopback
        ... LAR_PROXY=proxy.address lar pull ...
        proxy.heads                                     # what each client said before bytes were passed on
"""

import select
import socket
import threading


class Proxy:
    def __init__(self, places):
        self.places = places
        self.heads = []
        self.passed = b""  # of what clients sent through
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self):
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.carry, args=(client,), daemon=True).start()

    def carry(self, client):
        with client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                got = client.recv(1)
                if not got:
                    return
                head += got
            self.heads.append(head.decode("latin-1"))
            method, host, _ = head.split(b"\r\n")[0].decode("latin-1").split(" ")
            if method != "CONNECT" or host not in self.places:
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            with socket.create_connection(("127.0.0.1", self.places[host])) as server:
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                self.pass_on(client, server)

    def pass_on(self, client, server):
        while True:
            for one in select.select([client, server], [], [])[0]:
                try:
                    data = one.recv(65536)
                except OSError:
                    return
                if not data:
                    return
                if one is client:
                    self.passed += data
                (server if one is client else client).sendall(data)
