"""Texts with secrets of real formats in them, and texts that look as if and have none; for bench/secrets.py.

Made from what services publish about their keys, and kept apart from src/consent, whose patterns are to find them: whoever
changes one does not look at the other. Nothing here is anybody's secret; all of it is random.
"""

import base64
import hashlib
import json
import random
import string
import uuid

LOWER, UPPER, DIGITS = string.ascii_lowercase, string.ascii_uppercase, string.digits
ALNUM = LOWER + UPPER + DIGITS
HEX = "0123456789abcdef"
URL64 = ALNUM + "-_"
STD64 = ALNUM + "+/"


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)

    def of(self, letters, count):
        return "".join(self.r.choice(letters) for _ in range(count))

    def b64(self, size):
        return base64.b64encode(self.r.randbytes(size)).decode()

    def url64(self, size):
        return base64.urlsafe_b64encode(self.r.randbytes(size)).decode().rstrip("=")

    def password(self):
        kind = self.r.randrange(4)
        if kind == 0:
            return self.of(ALNUM + "!#%&*+-.^_~", self.r.randint(12, 24))
        if kind == 1:
            return self.of(ALNUM, self.r.randint(14, 32))
        if kind == 2:
            return self.of(HEX, 32)
        return "-".join(self.of(LOWER, self.r.randint(4, 7)) + self.of(DIGITS, 1) for _ in range(4))

    def word(self):
        return self.r.choice("orders billing search reports staging import gateway cache worker metrics mailer auth catalog invoices".split())

    def user(self):
        return self.r.choice("app deploy root svc_orders backup ana reader postgres ci jenkins".split())

    def host(self):
        return f"{self.word()}-{self.r.choice(['db', 'api', 'q', 'node'])}{self.r.randint(1, 9)}.{self.r.choice(['example.com', 'example.net', 'internal.example.org'])}"

    def pem(self, label, size):
        body = self.b64(size)
        lines = [body[i:i + 64] for i in range(0, len(body), 64)]
        return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"])

    def luhn(self, prefix, length):
        digits = [int(c) for c in prefix] + [self.r.randrange(10) for _ in range(length - len(prefix) - 1)]
        total = sum(d if i % 2 else (2 * d - 9 if d > 4 else 2 * d) for i, d in enumerate(reversed(digits)))
        return "".join(map(str, digits)) + str(-total % 10)

    def iban(self):
        country, length, letters = self.r.choice([("DE", 22, 0), ("FR", 27, 0), ("ES", 24, 0), ("NL", 18, 4), ("GB", 22, 4), ("AT", 20, 0), ("IT", 27, 1)])
        bban = self.of(UPPER, letters) + self.of(DIGITS, length - 4 - letters)
        number = int("".join(str(int(c, 36)) for c in bban + country + "00"))
        return f"{country}{98 - number % 97:02d}{bban}"


def card(m):
    prefix, length = m.r.choice([("4", 16), ("51", 16), ("55", 16), ("34", 15), ("37", 15), ("6011", 16), ("2221", 16)])
    number = m.luhn(prefix, length)
    style = m.r.randrange(3)
    if style == 0:
        return number
    groups = [number[:4], number[4:10], number[10:]] if length == 15 else [number[i:i + 4] for i in range(0, 16, 4)]
    return (" " if style == 1 else "-").join(groups)


def iban(m):
    text = m.iban()
    return text if m.r.random() < .5 else " ".join(text[i:i + 4] for i in range(0, len(text), 4))


def jwt(m):
    head = base64.urlsafe_b64encode(json.dumps({"alg": m.r.choice(["HS256", "RS256"]), "typ": "JWT"}).encode()).decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps({"sub": str(m.r.randrange(10 ** 9)), "iat": 1700000000 + m.r.randrange(10 ** 7)}).encode()).decode().rstrip("=")
    return f"{head}.{body}.{m.url64(m.r.choice([32, 64, 256]))}"


# A kind: its name, what is secret in it, and how it is written down ("$" is the secret).
KINDS = [
    ("aws access key", lambda m: m.r.choice(["AKIA", "ASIA"]) + m.of(UPPER + "234567", 16), ["aws_access_key_id = $", "AWS_ACCESS_KEY_ID=$", "I rotated $ this morning.", '"accessKeyId": "$",']),
    ("aws secret key", lambda m: m.of(STD64, 40), ["aws_secret_access_key = $", "export AWS_SECRET_ACCESS_KEY=$", '"secretAccessKey": "$"']),
    ("google api key", lambda m: "AIza" + m.of(URL64, 35), ["https://maps.example.com/api?key=$&v=3", 'const key = "$";', "GOOGLE_API_KEY=$"]),
    ("google oauth client secret", lambda m: "GOCSPX-" + m.of(URL64, 28), ['"client_secret": "$",', "client_secret=$"]),
    ("azure storage key", lambda m: m.of(STD64, 86) + "==", ["DefaultEndpointsProtocol=https;AccountName=orders;AccountKey=$;EndpointSuffix=core.windows.net"]),
    ("azure client secret", lambda m: m.of(ALNUM, 3) + "8Q~" + m.of(ALNUM + "_~.-", 34), ["AZURE_CLIENT_SECRET=$", '"clientSecret": "$",']),
    ("github token", lambda m: m.r.choice(["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]) + m.of(ALNUM, 36), ["GITHUB_TOKEN=$", "git clone https://x-access-token:$@github.com/example/app.git", "use $ for now"]),
    ("github fine-grained token", lambda m: "github_pat_" + m.of(ALNUM, 22) + "_" + m.of(ALNUM, 59), ["token: $", "gh auth login --with-token <<< $"]),
    ("gitlab token", lambda m: "glpat-" + m.of(URL64, 20), ["PRIVATE-TOKEN: $", "curl --header 'PRIVATE-TOKEN: $' https://gitlab.example.com/api/v4/projects"]),
    ("slack token", lambda m: f"{m.r.choice(['xoxb', 'xoxp', 'xoxa'])}-{m.of(DIGITS, 12)}-{m.of(DIGITS, 12)}-{m.of(ALNUM, 24)}", ["SLACK_BOT_TOKEN=$", 'slack.WebClient(token="$")']),
    ("slack webhook", lambda m: f"https://hooks.slack.com/services/T{m.of(UPPER + DIGITS, 8)}/B{m.of(UPPER + DIGITS, 10)}/{m.of(ALNUM, 24)}", ["curl -X POST $ -d @msg.json", "webhook: $"]),
    ("stripe key", lambda m: m.r.choice(["sk_live_", "rk_live_", "sk_test_"]) + m.of(ALNUM, m.r.choice([24, 99])), ["STRIPE_SECRET_KEY=$", 'stripe.api_key = "$"']),
    ("stripe webhook secret", lambda m: "whsec_" + m.of(ALNUM, 32), ["endpoint_secret = '$'", "STRIPE_WEBHOOK_SECRET=$"]),
    ("openai key", lambda m: m.r.choice(["sk-" + m.of(ALNUM, 20) + "T3BlbkFJ" + m.of(ALNUM, 20), "sk-proj-" + m.of(URL64, 74) + "T3BlbkFJ" + m.of(URL64, 74)]), ["OPENAI_API_KEY=$", 'client = OpenAI(api_key="$")', "my key is $, please try it"]),
    ("anthropic key", lambda m: "sk-ant-api03-" + m.of(URL64, 93) + "AA", ["ANTHROPIC_API_KEY=$", "x-api-key: $"]),
    ("npm token", lambda m: "npm_" + m.of(ALNUM, 36), ["//registry.example.com/:_authToken=$", "NPM_TOKEN=$"]),
    ("pypi token", lambda m: "pypi-AgEIcHlwaS5vcmc" + m.of(URL64, 140), ["password = $", "TWINE_PASSWORD=$"]),
    ("twilio key", lambda m: "SK" + m.of(HEX, 32), ["TWILIO_API_KEY=$", "new Twilio('$', secret)"]),
    ("twilio auth token", lambda m: m.of(HEX, 32), ["TWILIO_AUTH_TOKEN=$", 'auth_token = "$"']),
    ("sendgrid key", lambda m: f"SG.{m.of(URL64, 22)}.{m.of(URL64, 43)}", ["SENDGRID_API_KEY=$", "Authorization: Bearer $"]),
    ("telegram bot token", lambda m: f"{m.r.randint(10 ** 8, 10 ** 10 - 1)}:AA{m.of(URL64, 33)}", ["https://api.telegram.org/bot$/getMe", "BOT_TOKEN=$"]),
    ("discord bot token", lambda m: f"{m.r.choice('MNO')}{m.of(ALNUM, 23)}.{m.of(URL64, 6)}.{m.of(URL64, 27)}", ["DISCORD_TOKEN=$", 'client.run("$")']),
    ("jwt", jwt, ["Authorization: Bearer $", '"id_token": "$",', "cookie: session=$; path=/"]),
    ("rsa private key", lambda m: m.pem("RSA PRIVATE KEY", 1190), ["$", "cat > key.pem <<EOF\n$\nEOF"]),
    ("pkcs8 private key", lambda m: m.pem(m.r.choice(["PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "EC PRIVATE KEY"]), m.r.choice([138, 1218])), ["$", "key: |\n$"]),
    ("openssh private key", lambda m: m.pem("OPENSSH PRIVATE KEY", 300), ["$"]),
    ("pgp private key", lambda m: m.pem("PGP PRIVATE KEY BLOCK", 700).replace("BLOCK-----\n", "BLOCK-----\n\n", 1), ["$"]),
    ("service account", lambda m: m.pem("PRIVATE KEY", 1218).replace("\n", "\\n") + "\\n", ['{"type": "service_account", "private_key": "$", "client_id": "1234"}']),
    ("password in .env", Maker.password, ["DB_PASSWORD=$", "MYSQL_ROOT_PASSWORD=$", "SMTP_PASS='$'", "export ADMIN_PASSWORD=\"$\""]),
    ("password in yaml", Maker.password, ["database:\n  user: app\n  password: $", "  adminPassword: \"$\""]),
    ("password in json", Maker.password, ['{"user": "app", "password": "$"}', '"db_password" : "$",']),
    ("postgres url", lambda m: m.of(ALNUM, 16), ["postgres://app:$@orders-db1.example.com:5432/orders", "DATABASE_URL=postgresql://svc:$@10.0.3.7/app?sslmode=require"]),
    ("mongodb url", lambda m: m.of(ALNUM, 18), ["mongodb+srv://app:$@cluster0.ab1cd.mongodb.net/orders", "MONGO_URI=mongodb://root:$@mongo:27017/admin"]),
    ("redis url", lambda m: m.of(HEX, 40), ["redis://:$@cache-q1.example.com:6379/0", "rediss://default:$@cache.example.net:6380"]),
    ("jdbc password", Maker.password, ["jdbc:mysql://orders-db1:3306/app?user=app&password=$", "Server=tcp:orders;Database=app;User ID=app;Password=$;Encrypt=True"]),
    ("basic auth url", lambda m: m.of(ALNUM, 14), ["https://deploy:$@registry.example.com/v2/", "git remote add ci https://ci:$@git.example.org/app.git"]),
    ("bearer token", lambda m: m.of(URL64, m.r.randint(32, 64)), ["Authorization: Bearer $", "curl -H 'Authorization: Bearer $' https://api.example.com/v1/me"]),
    ("basic auth header", lambda m: base64.b64encode(f"{m.user()}:{m.password()}".encode()).decode(), ["Authorization: Basic $", 'headers = {"Authorization": "Basic $"}']),
    ("session cookie", lambda m: m.of(HEX, 48), ["Cookie: sessionid=$; theme=dark", "Set-Cookie: connect.sid=$; HttpOnly; Secure"]),
    ("kubeconfig", lambda m: base64.b64encode((m.pem("RSA PRIVATE KEY", 1190) + "\n").encode()).decode(), ["users:\n- name: admin\n  user:\n    client-key-data: $"]),
    ("kubernetes token", lambda m: jwt(m), ["users:\n- name: ci\n  user:\n    token: $"]),
    ("docker auth", lambda m: base64.b64encode(f"{m.user()}:{m.password()}".encode()).decode(), ['{"auths": {"registry.example.com": {"auth": "$"}}}']),
    ("netrc", Maker.password, ["machine git.example.org login ana password $", "machine api.example.com\n  login deploy\n  password $"]),
    ("card", card, ["card $ exp 04/29", "paid with $ yesterday", '"pan": "$"']),
    ("iban", iban, ["please transfer to $ by Friday", "IBAN: $", '"iban": "$"']),
    ("shopify token", lambda m: m.r.choice(["shpat_", "shpss_", "shppa_"]) + m.of(HEX, 32), ["X-Shopify-Access-Token: $", "SHOPIFY_TOKEN=$"]),
    ("digitalocean token", lambda m: "dop_v1_" + m.of(HEX, 64), ["DIGITALOCEAN_TOKEN=$", "doctl auth init -t $"]),
    ("databricks token", lambda m: "dapi" + m.of(HEX, 32), ["DATABRICKS_TOKEN=$", "token = $"]),
    ("vault token", lambda m: "hvs." + m.of(URL64, 92), ["VAULT_TOKEN=$", "X-Vault-Token: $"]),
    ("mailgun key", lambda m: "key-" + m.of(HEX, 32), ["MAILGUN_API_KEY=$", "curl -s --user 'api:$' https://api.mailgun.net/v3"]),
    ("mailchimp key", lambda m: f"{m.of(HEX, 32)}-us{m.r.randint(1, 21)}", ["MAILCHIMP_KEY=$", "apikey: $"]),
    ("huggingface token", lambda m: "hf_" + m.of(LOWER + UPPER, 34), ["HF_TOKEN=$", 'login(token="$")']),
    ("grafana token", lambda m: f"glsa_{m.of(ALNUM, 32)}_{m.of(HEX, 8)}", ["Authorization: Bearer $", "GRAFANA_TOKEN=$"]),
    ("terraform token", lambda m: f"{m.of(ALNUM, 14)}.atlasv1.{m.of(URL64, 67)}", ['credentials "app.terraform.io" {\n  token = "$"\n}']),
    ("heroku key", lambda m: str(uuid.UUID(int=m.r.getrandbits(128), version=4)), ["HEROKU_API_KEY=$", 'heroku_api_key = "$"']),
    ("wireguard key", lambda m: m.b64(32), ["[Interface]\nPrivateKey = $\nAddress = 10.8.0.2/24"]),
    ("age key", lambda m: "AGE-SECRET-KEY-1" + m.of("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58), ["$", "SOPS_AGE_KEY=$"]),
    ("terraform variable", Maker.password, ['variable "db_password" {\n  default = "$"\n}', 'master_password = "$"']),
    ("generic api key", lambda m: m.of(ALNUM, 32), ["api_key: $", "X-Api-Key: $", 'const API_SECRET = "$";', "client.secret=$"]),
]

PROSE = ["The import stopped at {n} rows and went on after the restart.", "We moved the worker to {w} and the errors were gone.", "Ana asked whether the {w} service retries.",
         "Latency of {w} went from {n} ms to {k} ms.", "See the runbook for {w} before the next release.", "The queue had {n} messages, of which {k} were new.",
         "Nothing else changed in version {k}.{n}.", "The test of {w} fails one time in {n}."]


def prose(m, count):
    return " ".join(m.r.choice(PROSE).format(n=m.r.randint(10, 9999), k=m.r.randint(1, 99), w=m.word()) for _ in range(count))


def document(number):
    """Text, and the secrets in it: (kind, value)."""
    m = Maker(f"document {number}")
    kinds = [KINDS[number % len(KINDS)], *m.r.sample(KINDS, m.r.randint(1, 3))]
    parts, secrets = [prose(m, m.r.randint(1, 3))], []
    for name, make, places in kinds:
        value = make(m)
        parts.append(m.r.choice(places).replace("$", value))
        parts.append(prose(m, m.r.randint(1, 2)))
        secrets.append((name, value))
    return "\n\n".join(parts), secrets


def left(value, text):
    """Whether something of a secret is still to be read: it itself, or a line of a long one."""
    pieces = [line for line in value.replace("\\n", "\n").split("\n") if line and not line.startswith("-----")] if "-----" in value else [value]
    return any(piece in text for piece in pieces)


def png(m):
    return base64.b64encode(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + m.r.randbytes(m.r.randint(120, 900))).decode()


CLEAN = [
    lambda m: f"Commit {m.of(HEX, 40)} broke the build; {m.of(HEX, 8)} fixed it. Merge base is {m.of(HEX, 12)}.",
    lambda m: f"Request {uuid.UUID(int=m.r.getrandbits(128), version=4)} was answered by pod {m.word()}-{m.of(HEX, 10)}-{m.of(LOWER + DIGITS, 5)}.",
    lambda m: f'<img alt="plot" src="data:image/png;base64,{png(m)}">',
    lambda m: f"{hashlib.sha256(m.r.randbytes(8)).hexdigest()}  release-{m.r.randint(1, 9)}.{m.r.randint(0, 99)}.tar.gz\n{hashlib.md5(m.r.randbytes(8)).hexdigest()}  notes.txt",
    lambda m: f'"integrity": "sha512-{m.b64(64)}",\n"resolved": "https://registry.example.com/left-pad/-/left-pad-1.3.{m.r.randint(0, 9)}.tgz"',
    lambda m: "".join(f"{i:08x}  {' '.join(m.of(HEX, 2) for _ in range(16))}  |................|\n" for i in range(0, 96, 16)),
    lambda m: "!function(e,t){" + ";".join(f"var {m.of(LOWER, 1)}=e.{m.of(LOWER, 6)}({m.r.randrange(999)},t[{m.r.randrange(99)}])" for _ in range(20)) + "}(this,[]);",
    lambda m: f"at {1700000000000 + m.r.randrange(10 ** 11)} ns {m.r.randint(2020, 2026)}-0{m.r.randint(1, 9)}-1{m.r.randint(0, 9)}T12:{m.r.randint(10, 59)}:07.{m.of(DIGITS, 6)}Z sequence {m.of(DIGITS, 12)}",
    lambda m: f"-----BEGIN PUBLIC KEY-----\n{m.b64(48)}\n{m.b64(48)}\n-----END PUBLIC KEY-----",
    lambda m: m.pem("CERTIFICATE", 700),
    lambda m: f"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{m.of(STD64, 43)} laptop",
    lambda m: f"image: registry.example.com/{m.word()}@sha256:{m.of(HEX, 64)}",
    lambda m: f"github.com/example/{m.word()} v1.{m.r.randint(0, 40)}.0 h1:{m.b64(32)}\ngithub.com/example/{m.word()} v0.{m.r.randint(0, 40)}.3/go.mod h1:{m.b64(32)}",
    lambda m: f"name = \"{m.word()}\"\nversion = \"0.{m.r.randint(1, 30)}.{m.r.randint(0, 9)}\"\nchecksum = \"{m.of(HEX, 64)}\"",
    lambda m: f"API_KEY={m.r.choice(['your-api-key-here', '<your key>', 'changeme', 'xxxxxxxxxxxxxxxx', '${API_KEY}', '***'])}\nDB_PASSWORD=${{DB_PASSWORD}}\ntoken = os.environ[\"{m.word().upper()}_TOKEN\"]",
    lambda m: f"def {m.word()}_token(request):\n    token = request.headers.get(\"X-Token\")\n    if not token:\n        raise ValueError(\"a password is needed\")\n    return hash_password(token)",
    lambda m: f"The password must have {m.r.randint(8, 16)} characters. Reset your password at the front desk; tokens expire after {m.r.randint(5, 60)} minutes.",
    lambda m: f"/nix/store/{m.of('0123456789abcdfghijklmnpqrsvwxyz', 32)}-{m.word()}-2.{m.r.randint(0, 40)}",
    lambda m: f"fingerprint {' '.join(m.of(HEX.upper(), 4) for _ in range(10))}, MAC {':'.join(m.of(HEX, 2) for _ in range(6))}",
    lambda m: f"ETag: \"{m.of(HEX, 32)}\"\nX-Request-Id: {m.of(HEX, 16)}-{m.r.randint(1, 99)}\nContent-Length: {m.r.randint(100, 99999)}",
    lambda m: f"order {m.of('123456789', 1)}{m.of(DIGITS, 10)}, invoice 2026-{m.of(DIGITS, 6)}, ISBN 978-3-{m.of(DIGITS, 2)}-{m.of(DIGITS, 6)}-{m.r.randrange(10)}, doi:10.{m.r.randint(1000, 9999)}/{m.word()}.{m.of(DIGITS, 7)}",
    lambda m: f"watch?v={m.of(URL64, 11)} and /d/{m.of(URL64, 44)}/edit are the two links.",
    lambda m: f"[{m.r.random():.6f}] {m.word()}[{m.r.randint(100, 9999)}]: segfault at {m.of(HEX, 12)} ip 00007f{m.of(HEX, 10)} sp 00007ff{m.of(HEX, 9)} error 4 in lib{m.word()}.so.{m.r.randint(1, 9)}",
    lambda m: f"SELECT id, password_hash FROM users WHERE token IS NOT NULL LIMIT {m.r.randint(1, 100)}; -- {m.of(DIGITS, 5)} rows",
    lambda m: f"$2b$12$ is how such hashes begin; w3c {m.of(UPPER, 3)}-{m.r.randint(1, 99)} uses #{m.of(HEX, 6)} and rgba({m.r.randrange(256)}, 0, 0, .5).",
    lambda m: f"build {m.of(DIGITS, 10)} took {m.r.randint(1, 900)} s; cache key v{m.r.randint(1, 9)}-{m.word()}-{m.of(HEX, 64)} was restored",
    lambda m: prose(m, 4),
]


def clean(number):
    m = Maker(f"clean {number}")
    return prose(m, 1) + "\n\n" + CLEAN[number % len(CLEAN)](m) + "\n\n" + prose(m, 1)
