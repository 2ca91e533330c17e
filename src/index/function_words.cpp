#include "index/function_words.h"

#include <utility>

namespace lar::index {

const std::string_view misleading_words =
    "al ale als also am an and are as at avec bet bin but by can cap care come comment con da dan dar das data de del "
    "den "
    "dens di die din dit do don door due e ed el em en era es et far fin for from fur had has hat have he hem her het "
    "hi his hoe hot i ii il im in io is it item its ja je la les list lo los man mas me mes met mi min mine mod more "
    "my na nor not nu o of off ok on one or os our out over par pas past per place plus pod points pour pro ran re "
    "red rest san se second send sent she si side sin so son sono sous start still sub su super sur tak tam tan te "
    "test than that the then there they this ti till to tot tout tu tun uns up us use vi val van var vi want war was "
    "we were what where will with you your";

namespace {

constexpr std::string_view english =
    "a about above after again against all also although always am among an and another any are as at be because been "
    "before being below between both but by can cannot could did do does doing done down during each either else "
    "ever every few for from further had has have having he her here hers him his how however i if in into is it its "
    "itself just less may me might more most must my myself neither no nor not now of off often on once one only or "
    "other our ours out over own please same shall she should since so some still such than that the their theirs "
    "them then there therefore these they this those through thus to too toward under until up upon us very via was "
    "we well were what when where whether which while who whom whose why will with within without would yet you your "
    "yours";

constexpr std::string_view german =
    "aber alle allem allen aller alles als also am an andere anderen anderer anderes auch auf aus bei beim bin bis "
    "bist da dabei dadurch dafur dagegen daher damit danach dann daran darauf daraus darf darin daruber darum das "
    "dass dazu dein deine dem den denen denn der deren des deshalb dessen die dies diese diesem diesen dieser dieses "
    "doch dort du durch durfen ein eine einem einen einer eines einige einigen er es etwa etwas euch euer fur gegen "
    "geht gewesen gibt hab habe haben hat hatte hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im immer "
    "in ins ist ja jede jedem jeden jeder jedes jedoch jetzt kann kein keine keinem keinen keiner konnen konnte "
    "konnten man mehr mein meine meinem meinen meiner mich mir mit muss mussen musste nach neben nicht nichts noch nun "
    "nur ob oder ohne schon sehr seid sein seine seinem seinen seiner seit sich sie sind so sogar solche solchen soll "
    "sollen sollte sollten sondern sonst sowie uber um und uns unser unsere unserem unseren unserer unter viel viele "
    "vielen vom von vor wahrend wann war waren warum was wegen weil welche welchem welchen welcher welches wem wen "
    "wenn wer werden wessen wie wieder wieso will wir wird wirst wo wobei wodurch woher wohin wollen wurde wurden "
    "zu zum zur zwar zwischen";

constexpr std::string_view french =
    "a afin ai aie ainsi alors apres as au aucun aucune aujourdhui aupres auquel aura aurait auront aussi autour autre "
    "autres aux avaient avait avant avec avez avoir avons ayant beaucoup c car ce ceci cela celle celles celui ces cet "
    "cette ceux chaque chez combien comme comment contre d dans de dehors deja depuis derriere des desquels dessous "
    "dessus devant doit doivent donc dont du duquel elle elles en encore entre est et etaient etait etant ete etre eu "
    "eux fait faut fut hors ici il ils j jamais je jusqu jusque l la laquelle le lequel les lesquelles lesquels leur "
    "leurs lors lorsque lui m ma mais malgre me meme memes mes moi moins mon n ne ni nos notre nous on ont ou par "
    "parce parfois parmi pas pendant peu peut peuvent plus plusieurs plutot pour pourquoi pourrait pouvait puis "
    "puisque qu quand que quel quelle quelles quelque quelques quels qui quoi quoique s sa sans sauf se selon sera "
    "serait seront ses seulement si sinon soi soient soit sommes son sont sous souvent suis sur t ta tandis tant te "
    "tel telle telles tels tes toi ton toujours tous tout toute toutefois toutes tres trop tu un une vers voici voila "
    "vos votre vous y";

constexpr std::string_view spanish =
    "a ademas al algo alguien algun alguna algunas alguno algunos alla alli ambos ante antes aquel aquella aquellos "
    "aqui asi aun aunque bajo bastante bien cada casi como con contra cosas cual cuales cualquier cuando cuanto "
    "cuantos "
    "de debe deben del demas desde despues donde dos durante e el ella ellas ellos en encima entonces entre era eran "
    "es "
    "esa esas ese eso esos esta estaba estaban estamos estan estar estas este esto estos estoy fue fueron ha habia "
    "haber habian han hasta hay hemos incluso jamas junto la las le les lo los luego mas me mediante menos mi mientras "
    "mis mucha muchas mucho muchos muy nada nadie ni ningun ninguna ninguno no nos nosotras nosotros nuestra nuestras "
    "nuestro nuestros nunca o os otra otras otro otros para pero poca pocas poco pocos por porque pues que quien "
    "quienes se sea sean segun ser si sido siempre sin sino sobre sois solo somos son soy su sus suya suyo tal "
    "tambien tampoco tan tanto te tenemos tenia tener tenian ti tiene tienen toda todas todavia todo todos tras tu tus "
    "tuvo un una unas uno unos usted ustedes va vosotros vuestra vuestro y ya yo";

constexpr std::string_view italian =
    "a abbiamo ad adesso agli ai al alcuna alcune alcuni alcuno alla alle allo allora altra altre altri altro anche "
    "ancora anzi appena avere aveva avevano c che chi ci cioe circa col come con contro cosa cosi cui da dagli dai dal "
    "dalla dalle dallo degli dei del dell della delle dello dentro deve devono di dopo dove due dunque durante e ecco "
    "ed egli ella era erano essa esse essere essi esso fa fare fino fra fu furono gia gli ha hai hanno ho i il in "
    "infatti inoltre insieme invece io l la le lei li lo loro lui lungo ma mai me meno mentre mi mia mie miei mio "
    "molta "
    "molte molti molto ne negli nei nel nella nelle nello nemmeno neppure nessun nessuna nessuno niente noi non nostra "
    "nostre nostri nostro nulla o ogni oltre oppure ora per perche percio pero piu poca poche pochi poco poi prima "
    "proprio puo qua qual quale quali qualche quando quanta quante quanti quanto quasi quei quel quella quelle quelli "
    "quello questa queste questi questo qui quindi sara saranno se sei sempre senza sia siamo siete sono sopra sotto "
    "sta stanno stata state stati stato stesso su sua sue sugli sui sul sulla sulle sullo suo suoi tale tali tanto te "
    "ti tra tu tua tue tuo tuoi tutta tutte tutti tutto un una uno vi voi vostra vostro";

constexpr std::string_view portuguese =
    "a agora ainda algo alguem algum alguma algumas alguns ali ambos ante antes ao aos apenas apos aquela aquelas "
    "aquele aqueles aqui as assim ate bem cada com como contra da daquele das de dela delas dele deles depois desde "
    "dessa desse desta deste deve devem do dos durante e ela elas ele eles em embora enquanto entao entre era eram "
    "essa "
    "essas esse esses esta estao estar estas estava estavam este estes estou eu foi fomos for foram ha havia isso isto "
    "ja la lhe lhes logo mais mas me mediante menos mesma mesmo meu meus minha minhas muita muitas muito muitos na "
    "nada "
    "nao nas nem nenhum nenhuma ninguem no nos nossa nossas nosso nossos num numa nunca o onde os ou outra outras "
    "outro "
    "outros para pela pelas pelo pelos perante pode podem pois por porem porque pouco poucos qual quais qualquer "
    "quando "
    "quanto quantos que quem quer sao se segundo seja sejam sem sempre sendo ser sera seu seus si sido so sob sobre "
    "somos sua suas talvez tambem tanto te tem temos tenho ter teu tinha tinham toda todas todo todos tu tua tudo um "
    "uma umas uns voce voces vos";

constexpr std::string_view dutch =
    "aan af al alle alleen als altijd andere anders ben bent bij binnen daar daarna daarom dan dat de deze die dit "
    "doch "
    "doen door dus een eens elk elke en enige er erg eerst ge geen gewoon haar had hadden heb hebben hebt heeft heel "
    "hem hen het hier hij hoe hoeveel hun iedere iedereen iemand iets ik in inmiddels is ja je jij jou jouw juist "
    "jullie kan kon konden kunnen kunt maar meer men met mij mijn moest moet moeten mogen na naar naast niemand niet "
    "niets nog nooit nu of om omdat omheen ons onder ons onze ook op over pas per reeds sinds soms steeds te tegen "
    "tenzij "
    "terwijl toch toen tot tussen u uit uw van vanaf vanuit veel voor vooral voordat waar waarin waarom waren was wat "
    "we "
    "wel welk welke werd werden wie wij wil worden wordt zal ze zei zeer zelf zelfs zich zij zijn zo zoals zonder zou "
    "zouden zulke";

constexpr std::string_view swedish =
    "alla allt alltid an andra annan annat att av bada bara blev bli blir blivit da dar darfor de dem den denna deras "
    "dess dessa det detta dig din dina ditt du efter ej eller en ett flera for fore forst fran ha hade han hans har "
    "hela hennes henne hon honom hos hur i icke igen in inga ingen inget innan inte ja jag kan kommer kunde man manga "
    "med mellan men mer mest mig min mina mitt mot mycket nagon nagot nagra nar nej ni nu och ocksa om oss over pa sa "
    "sadan sadana samma sedan sig sin sina sitt ska skall skulle som ta till tre ut utan vad vara varat varfor varit "
    "varje var vart vem vems vi vid vilka vilken vilket";

constexpr std::string_view danish =
    "af alle allerede alligevel alt anden andet andre at bare begge blev blevet blive bliver burde da de dem den denne "
    "der deres det dette dig din dine disse dog du efter egen eller en end endnu er et far fik flere for foran fordi "
    "forst fra gennem ham han hans har have havde hele hende hendes her hos hun hvad hvem hver hvilke hvilken hvilket "
    "hvis hvor hvordan hvorfor hvornår hvornar i ikke ind ingen intet jeg jer jeres jo kan kom kun kunne lidt mange "
    "med "
    "meget mellem men mens mere mest mig min mine mit mod ned nogen noget nogle nu når nar og også ogsa om op os over "
    "på pa på samme sidste sig sin sine sit skal skulle som sådan sadan så sa til uden under var ved vi ville være "
    "vaere "
    "være været vor vores";

constexpr std::string_view norwegian =
    "alle allerede alltid alt andre at av bare begge ble bli blir blitt da de dem den denne der dere deres det dette "
    "din dine disse du eller en enn er et ett etter flere for fordi forst først fra fram før gjennom ha hadde ham han "
    "hans har hele henne hennes her hos hun hva hvem hver hvilke hvilken hvilket hvis hvor hvordan hvorfor i ikke "
    "ikkje "
    "ingen ingenting inn jeg kan kom kunne kun litt mange med meg meget mellom men mens mer mest min mine mitt mot mye "
    "naer når nar ned noe noen og også ogsa om opp oss over på pa samme seg selv si sin sine sitt skal skulle slik som "
    "så sa til ut uten var vart være vaere vært ved vi vil ville vår var å";

constexpr std::string_view polish =
    "aby ale albo ani az bardzo bez bo był byc było były byla bylo byly bylem by bedzie beda byc ci co czego czemu czy "
    "czyli dla dlaczego do dokad gdy gdyby gdzie gdzies go i ich ile im inne inny innych iz ja jak jaka jakie jako jej "
    "jego jemu jest jestem jeszcze jesli jezeli juz kazda kazdy kiedy kilka kto ktora ktore ktorego ktorej ktory "
    "ktorych "
    "ktorym ktorzy ku lub ma maja mam mamy mi miedzy mial miał mimo mna mnie moga moge moj moja moje moze mozna mu my "
    "na "
    "nad nam nami nas nasz nasza nasze natychmiast nawet nia nic nich nie niego niej niemu nigdy nim nimi niz no o "
    "obok od oraz ona one oni ono po pod podczas pomimo poniewaz powinien przed przede przez przy roku sa sie są soba "
    "sobie swoj swoja swoje ta tak taka taki takie takze tam te tego tej temu ten teraz tez to toba tobie totez tu "
    "tutaj "
    "twoj tych tylko tym u w wam wami was wasz we wedlug według wie więc wiec wszystkich wszystkie wszystko wtedy wy z "
    "potem dzis jednak dlatego gdyż ponieważ wiele wszyscy swoim naszym ich jedna jeden dwa trzy nowy "
    "za zaden zawsze ze znow zas został zostal żeby zeby został została";

constexpr std::string_view czech =
    "aby ale ani ano asi az bez bude budeme budou budu by byl byla byli bylo byly bylo byt ci co coz dalsi dnes do ho "
    "i "
    "ja jak jake jako jakmile je jeho jej jeji jejich jen jenom jenz jeste jestli jestlize ji jich jiz jsem jsi jsme "
    "jsou jste k kam kazdy kde kdo kdy kdyz ke ktera ktere kterou ktery kteri kterych kvuli ma mam maji mate me mel "
    "mezi mi mit mne mnou moje mohl mohou moci muj muze my na nad nam nami napr nas nase nasi ne nebo nebot nebyl "
    "nejsou "
    "nektere neni nez nic nich nim o od ode on ona oni ono po pod podle pokud potom pouze prave pred pres prestoze pri "
    "pro proc proto protoze s se si sice sve svuj svych sveho ta tady tak take takze tam tato te tedy ten tento teto "
    "tim "
    "timto to tohoto tom tomto tomu tu tuto ty tyto u uz v vam vas vase ve vice vsak vsech vsechno vsichni vy z za zda "
    "zde ze zpet";

constexpr std::string_view romanian =
    "a acea aceasta aceea aceia acel acela acelasi acele acest acesta aceste acestea acestei acestor acestui acesti "
    "acolo acum ai aici al ale alta alte altele alti altul am ar are as asa astfel asupra atat atunci au avea aveau "
    "avem avut ca cand care carei caror carui cat cate catre ce cea cei cel cele celor cu cum cine cineva cum da daca "
    "dar dat de deci decat deja deoarece despre desi din dintre doar dupa ea ei el ele era erau este eu fara fi fie "
    "fiecare fiind foarte fost iar ii il im in inainte inca insa intr intre isi iti la le li lor lui lumea mai mea "
    "mei mele mereu meu mi mie mult multe multi mult ne nici nimeni nimic niste noastra noi nostru nostri nu numai o "
    "ori oricare pana pe pentru peste poate pot prea prin printre sa sale sau se sei si spre sub sunt suntem sunteti "
    "ta "
    "tale te tot toata toate toti totusi tu un una unde unei unele uneori unii unor unui va vei voastra voi vom vor "
    "vostru vreo";

constexpr std::string_view hungarian =
    "a abban ahhoz ahogy ahol aki akik akkor alatt altal altalaban amely amelyek amelyet ami amig amikor amit annak "
    "arra arrol az azert azok azon azonban azt aztan azutan azzal bar be belul benne cikk csak de e eddig egesz egy "
    "egyes egyik egyeb ekkor el eleg elott eloszor en ennek erre errol es ez ezek ezen ezert ezt ezzel felé ha hanem "
    "hogy hogyan hol honnan hova ide igen igy ill illetve ilyen ilyenkor is itt jo jobban kell kellett keresztul ki "
    "kicsit kik kivul kozott kozul le legalabb legyen lehet lesz lett maga magat majd mar mas masik meg meg mellett "
    "mert mely melyek melyik mi miert mig mikor milyen mindegyik minden mindent mindig mint mintha mit mivel most "
    "nagyon "
    "ne nek neki nekem nelkul nem nincs o ok oket olyan ott ossze pedig persze ra s saját sajat sem semmi sok sokkal "
    "szamara szemben szerint szinte talan te tehat teljes tobb tovabb tovabba ugy ugyanis uj ujra utan utana vagy "
    "vagyok "
    "valaki valami valamint van vannak viszont vissza volna volt voltak";

constexpr std::string_view finnish =
    "ei eika eivat emme en enemman ennen enta eri ette ettei etta han hanen hanet hanta heidan he heille ilman itse ja "
    "jo joiden joihin joissa joita joka joku jolla jolle jonka jonkin jos joskus jossa josta jota jotka jotta kaikki "
    "kaikkien kanssa keiden kenen kenelle kertaa ketka koko koska kuin kuinka kuka kun kuten kyllä kylla lahes liian "
    "lisaksi luona me meidan meille melkein mihin mika mikali miksi milla milloin mina minka minun minut minulla missa "
    "mista mita miten mitka molemmat monta mukaan mutta muu muun muut myos nain ne niiden niihin niille niin niissa "
    "niista niita noin nuo nyt oli olimme olisi olivat olla olemme olen olet on ollut ovat pitaa poikki se sekä seka "
    "sellainen sen siella siihen siina siita siis silla sille silloin sina sinun sitä sita siten sitten taas tahan "
    "taman tama tassa tasta tata te teidan tuo tuon vaan vai vaikka vain vasta viela voi voidaan voivat yli";

constexpr std::string_view turkish =
    "acaba ama ancak arada artık artik asla aslında aslinda az bana bazi bazı belki ben benden beni benim beri bile "
    "bir "
    "birçok bircok biri birkac birşey birsey biz bize bizden bizi bizim boyle bu buna bunda bundan bunlar bunları "
    "bunu bunun burada cok cunku da daha dahi de defa degil diger diye dolayi dolayı en fakat gibi gore halen hala "
    "hangi "
    "hatta hem henuz hep hepsi her herhangi herkes hic hicbir icin ile ilgili ise iste itibaren kadar karsin karşın "
    "kendi "
    "kendine kendini ki kim kime kimse madem mi mı mu nasıl nasil ne neden nedenle nerde nerede nereye nicin niye o "
    "olan olarak oldu olduğu oldugu olması olmasi olmadi olsa olur olup on ona ondan onlar onların onlarin onu onun "
    "oysa "
    "öyle oyle pek rağmen ragmen sadece sanki sen senin siz sizin sonra soyle su tarafindan tarafından tum uzere var "
    "vardi vardı ve veya ya yani yapilan yapılan yapti yaptı yerine yine yok yoksa zaten";

constexpr std::string_view indonesian =
    "ada adalah agar akan akibat aku anda antara apa apabila apakah atas atau bagaimana bagi bahwa banyak baru bawah "
    "beberapa begitu belum bersama bila bisa boleh bukan dalam dan dapat dari daripada dengan dia di diri dua guna "
    "hanya harus hingga ia ialah ingin ini itu jadi jangan jika juga kalau kami kamu karena ke kemudian kepada ketika "
    "kita lagi lain lalu lebih maka mana masih maupun melalui memang mengapa menjadi menurut mereka mungkin namun nya "
    "oleh pada para paling pernah pun saat saja saling sambil sampai sangat saya seperti sebagai sebab sebelum sebuah "
    "secara sedang sehingga sejak sekarang selain selalu selama seluruh semua sendiri seorang serta setelah setiap "
    "siapa sudah supaya tanpa tapi telah tentang terhadap tersebut tetapi tidak untuk walaupun yaitu yang";

constexpr std::string_view catalan =
    "a abans aixi aixo al algun alguna algunes alguns alla als altra altre altres amb apa aquell aquella aquelles "
    "aquells aquest aquesta aquestes aquests aqui bastant be cada com contra d da dalt de del dels des desde despres "
    "dins doncs durant e el ella elles ells els em en encara ens entre era eren es esta estan estar este estem et fins "
    "fou ha han has haver havia he hem heu hi ho i in ja jo l la les li llavors lo los m ma malgrat mentre mes meu "
    "meva molt molta moltes molts mol n nosaltres nostra nostre o on per perque pero poc poca poques pocs pel pels "
    "potser qual quals qualsevol quan quant que qui quin quina quines quins s sa se segons sense ser sera seu seus "
    "seva "
    "seves si sobre sols som son sota tal tambe tampoc tan tant te tenen teu teva tot tota totes tots un una unes uns "
    "us "
    "va van vos vosaltres vostra vostre";

constexpr std::string_view serbian =
    "ako ali bas bez bi bila bili bilo bio biti ce cak cemo cete cu da dakle dok dosta do ga gde gdje i iako ih ili im "
    "iz izmedju između ja jako je jedan jedna jedno jer jesam jesu joj jos ju kada kad kako kao ko koja koje kojem "
    "koji "
    "kojih kojim koju kroz li me medutim mene meni mi mnogo moj moja moje moze mogu mora na nad nakon nam nas nase "
    "nego "
    "neka neki neko nesto ni nije nikad nisam nismo nisu nista niti no njega njegov njegova njen njih njima o od odmah "
    "on "
    "ona oni ono ova ovaj ove ovo osim pa po pod posle pre prema preko pri sa sam samo se sebe smo ste sta sto su sva "
    "svaki sve svi svoj svoja svoje svojim ta tada taj tako takođe takodje te to toga tome tu u uz va vam vas vec "
    "veoma "
    "vi vise vrlo za zasto zato zbog ze "
    "ако али без би била били било био бити ће да док до га где и иако их или им из између ја је једна један једно јер "
    "јесу још ју када кад како као ко која које који којих којим коју кроз ли ме међутим мене ми много мој моја моје "
    "може "
    "могу мора на над након нам нас него нека неки неко ни није нису ништа нити његов њега њих њима о од он она они "
    "оно "
    "овај ова ове ово осим па по под после пре према преко при са сам само се себе смо сте шта што су сва сваки све "
    "сви "
    "свој своја своје та тада тај тако такође те то тога ту у уз вам вас већ веома ви више врло за зашто зато због";

constexpr std::string_view lithuanian =
    "abi ant apie ar arba as ar bei bet buvo buti bus dar del dėl iki is isviso it ir ji jie jis jo jog joje jos ju "
    "juk "
    "jums jus juos jusu kad kada kaip kam kas ka kai kiek kiekvienas kita kitas kitu kiti kodel kol koks kokia kur "
    "kuri "
    "kuria kurie kuriu kurios kuris kurio kuriuos labai lyg man mano manes mes mums musu nebe nei nera nes nors nuo "
    "o pagal pas pat per po prie pries sau savo sia sie sio siame si sis su tačiau taciau tai taip tam tame tarp tas "
    "tau tave te tegul tie tiek tik to todel toks tokia tos tu tuo turi uz vel visa visas visi viskas visu vien viena "
    "vienas vis yra";

constexpr std::string_view estonian =
    "aga ainult alati ara edasi eest ega ehk ei ennast enne et ette ga ilma iga igal igaks ikka ikkagi ise ja jaoks "
    "jargi "
    "jargmine juba just juures kaks ka kas keda kelle kes kogu koige koigi koik kohta koos korral kuhu kui kuid kuidas "
    "kuna kuni kunagi kus labi liiga ma mees meie meil mida midagi mil mille milles milline mina minu mis miks mitte "
    "mitu "
    "mu mul mulle nad nagu need neid neil nemad nende nii nuud oled oleks olema olen olete oli olid olla ole oma on "
    "ongi "
    "ometi pal peab peal pole pool parast sa saab saada samuti sama sealt see seda sees sel selle sellel selles "
    "sellest "
    "seetottu siia siin siis sind sina sinna su ta tal tema temal teda teie teil teised teine tuleb umber uks vaga "
    "vaid "
    "vahel vastu vastavalt veel voi voib valja ule";

constexpr std::string_view basque =
    "al anitz arabera asko baina baino bai baita bakoitza batek baten batera baterako bati batzuk batzuei batzuek "
    "batzuetan bera beraiek berau berauek bere berean berori beroriek bertan beste bestea besteak beti bezala da dago "
    "dagoen daude dela den dena denak dena dezake dira diren dituen ditu ditut du dute duen dugu dut edo egin ere eta "
    "eurak ez ezin gabe gainera gaur gero geroztik gu gure guztiak guztien guztia haiek haiei haien han hau hauek "
    "hauei "
    "hauen hemen hori horiek horiei horien horrek hura izan izango izateko jada lehen naiz ni nire non nola noiz nor "
    "nork "
    "ondoren oso orain orduan zait zaio zein zer zergatik ziren zituen zen zu zuek zuen zure";

constexpr std::string_view irish =
    "ach ag agus a aici aige air aithne anois anseo ansin ann aon ar ariamh as ata athuair ba beag bhfuil bheadh "
    "bheidh bhi "
    "bhiodh bhur chuig chuige chomh cen conas cad cathain ceard dar dtus do dom don den deis duinn duit eile eisean "
    "faoi "
    "faoin fein gach gan gur go idir in inniu is iad ina iontu isteach le leis leo liom linn mar maidir me mo muid "
    "mura na "
    "nach nil ni no nuair nios on orthu os seo sin sibh sinn sa san sna siad tar tri tu thar tha trid uaidh um uirthi";

constexpr std::string_view esperanto =
    "al ankau antau apud aux au bonvolu car cio cion ciu ciuj da de dum do ec ekde ekster el en estas esti estis estos "
    "estu ghi gxi gi ghis gis ghin gia gin havas havis ia iam ie iel ies iom ion iu iuj ja jam jen ju kaj kaj ke kia "
    "kial "
    "kiam kie kiel kies kio kiom kion kiu kiuj kiun kontrau krom kun la lau li lia lian liaj mi mia miaj malgrau multe "
    "multaj ne nek nenio neniu ni nia niaj nu nun nur ol ol onia per plej pli plu po por post povas povis preter pri "
    "pro "
    "proksime se sed sen shi si sia siaj sian sin sub super sur tamen tia tial tiam tie tiel tio tiom tion tiu tiuj "
    "tiun "
    "tra trans tre tro tuj vi via vian viaj";

constexpr std::string_view russian =
    "а без более больше будет будто бы был была были было быть в вам вас ваш весь во вот впрочем все всегда всего всеи "
    "всем "
    "всех всю всё вся вы где да даже для до другои другие другой его ее ей ему если есть еще ещё ж же за зачем здесь и "
    "из "
    "или им иногда их к как какая какие какой кем когда конечно которая которого которое которой которому котором "
    "который "
    "которые которых которым кто куда ли лишь лучше между меня мне много может можно мой моя мы на над надо наконец "
    "нас "
    "наш не него нее ней нельзя нет ни нибудь никогда ним них ничего но ну о об один одна однако он она они оно опять "
    "от "
    "перед по под после потом потому почему почти при про раз разве с сам свой свою свои себе себя сейчас со совсем "
    "так "
    "также такой там тебя тем теперь то тогда того тоже только том тот ту тут ты у уж уже хоть хотя чего чей чем через "
    "что "
    "чтоб чтобы чуть эта эти этим этих это этого этой этом этот эту я";

constexpr std::string_view greek =
    "αλλα αν αντι απο αρα αυτα αυτες αυτη αυτην αυτης αυτο αυτοι αυτος αυτου αυτους αυτων γι για γιατι δε δεν δηλαδη "
    "εαν "
    "εγω εδω ειμαι ειμαστε ειναι εισαι ειστε εκεινα εκεινες εκεινη εκεινο εκεινος ειχα ειχαν ειχε ενα εναν ενας ενος "
    "ενω "
    "επειδη επι επισης εσυ ετσι εχει εχουμε εχουν εχω η ηταν θα ισως καθε καθως και κανεις καποια καποιος κατα κι μα "
    "μαζι "
    "μας με μεσα μετα μεταξυ μη μην μια μιας μιαν μιαν μονο μου μπορει να ο οι ολα ολες ολοι ολος ομως οποια οποιες "
    "οποιο "
    "οποιοι οποιος οποιου οποιων οπου οπως οσο οταν οτι ουτε παντα παρα περι πια πιο πληρως ποια ποιο ποιοι ποιος πολυ "
    "ποτε που πρεπει πριν προς πως σαν σας σε στα στη στην στης στις στο στον στου στους στων συ συν τα τη την της τι "
    "τις "
    "το τον τοσο τοτε του τους τουτο των υπο χωρις ως ωστε "
    "αλλά από αυτά αυτές αυτή αυτήν αυτής αυτό αυτοί αυτός αυτού αυτούς αυτών γιατί εγώ εδώ είμαι είναι είχε είχαν ένα "
    "έναν ένας ενός ενώ επειδή επίσης έτσι έχει έχουμε έχουν έχω ήταν ή ίσως κάθε κάποια κάποιος κατά μαζί μέσα μετά "
    "μεταξύ μην μία μόνο μπορεί όλα όλες όλοι όμως όπου όπως όταν ότι ούτε πάντα παρά πιο ποια ποιο ποιος πολύ πότε "
    "ποτέ "
    "πού πρέπει πώς τότε τόσο τι χωρίς ώστε";

constexpr std::string_view arabic =
    "أن أو أي إذا إذ إلا إلى إن أنا أنت أنه إنه التي الذي الذين اللذان أما أمام أين أيضا بعد بعض بل بين بها به تحت "
    "تكون تلك "
    "ثم جدا حتى حول حيث خلال دون ذلك سوف على عليه عليها عن عند عندما غير فإن فقط في فيه فيها قبل قد كان كانت كل كما كم "
    "كيف لا "
    "لأن لدى لقد لكن لكي لم لما لماذا لن له لها لهم ليس ليست ما ماذا متى مثل مع من منذ منه منها نحن هذا هذه هل هم هن "
    "هنا هناك "
    "هو هي و وأن وفي وقد وكان ولا ولم ولكن وما ومن وهو وهي يا يكون يمكن";

constexpr std::string_view persian =
    "آن آنها از اما اگر ای این اند است با باید بر برای بود بودند بوده به بی تا تو تر ترین چرا چون چه چند چیست خود "
    "خواهد خیلی "
    "داد دارد دارند داشت داشته در دو دیگر را روی زیرا سپس شد شدن شده شما شود که کرد کردن کرده کند کنند کنید کجا کدام "
    "گفت ما "
    "من می میان نه نمی نیز نیست های هر هم همه همین هیچ و وی ها یا یک یکی";

constexpr std::string_view hindi =
    "अगर अन्य अपना अपनी अपने अब अभी आदि आप इन इनके इस इसका इसकी इसके इसमें इसी इसे उन उनका उनकी उनके उस उसका उसकी उसके उसे एक "
    "एवं ऐसे और कई कब कभी कर करता करती करते करना करने कहाँ कहा का काफी कि कितने किया किस किसी की कुछ कुल के केवल को कोई कौन क्या "
    "क्यों गए गया गई जब जहाँ जा जाता जाती जाते जाना जिन जिस जिसका जिसके जिसमें जैसे जो तक तब तरह तो था थी थे दिया दो दोनों द्वारा "
    "न "
    "नहीं ना ने पर परन्तु पहले फिर बहुत बाद भी मगर मुझे में मेरा मेरे मैं यदि यह यहाँ या ये रहा रही रहे लिए लेकिन व वह वहाँ वाले वे सकता "
    "सकते सब सभी साथ से हम हर ही हुआ हुई हुए है हैं हो होता होती होते होना";

constexpr std::string_view nepali =
    "अझ अनि अनुसार अब आफू आफ्नो उनको उनी उनले उनीहरू उसको ऊ एउटा ऐले कति कसरी कसैले कस्तो कहाँ कहिले कि किन किनभने कुनै कुन के केही को "
    "कोही "
    "गर्न गर्ने गरी गरेको गरेका गरेर गर्छ गर्नु छ छन् छु छैन जब जसले जस्तै जस्तो जहाँ जुन तथा तर तल तिनी तिमी त्यस त्यसको त्यसैले त्यहाँ त्यो "
    "थियो थिए दिने देखि द्वारा धेरै न नै नभई पछि पनि बाट बीच भए भएको भएका भने भन्ने भयो भित्र म मा माथि मात्र मेरो यदि यस यसको "
    "यसरी यहाँ यी यो "
    "र रही रहेको रहेका लगायत लाई लागि ले वा सँग सक्छ सबै सम्म साथ हरेक हामी हाम्रो हुन हुने हुन्छ हो होइन";

constexpr std::string_view armenian =
    "այդ այլ այն այնտեղ այստեղ այս ապա արդեն բայց բոլոր գտնվում դա դեպի դու դուք ե եթե եմ ենք ես եք է էի էին էիր էր "
    "ըստ ի ին "
    "ինչ ինչը ինչպես ինչու իսկ իր իրենց կա կամ կարող կողմից համար հետ հետո մասին մեկ մեզ մեջ մենք մի միայն միջև նա նաև "
    "նախ նոր նրա "
    "նրան նրանք նրանց շատ որ որը որոնք որոնց որպես որտեղ ու ում պետք պիտի սա սակայն սրա վրա և եւ երբ է՞ր ով";

constexpr std::string_view tamil =
    "அங்கு அடுத்த அதன் அதனால் அது அதை அந்த அல்லது அவர் அவர்கள் அவள் அவன் அவை ஆக ஆகிய ஆகும் ஆனால் இங்கு இதன் இதனால் இது இதை இந்த இல்லை "
    "இருந்து இருக்கும் இவர் இவை உள்ள உள்ளது உள்ளன எங்கு எந்த என என்பது என்பதை என்ற என்று என்ன எப்படி எப்போது எல்லா ஏன் ஒரு கொண்டு சில தன் "
    "தான் "
    "நாம் நான் நீ பற்றி பல பின் பின்னர் போது போன்ற மட்டும் மற்றும் மற்ற மிக முன் மூலம் மேலும் யார் வரை வேண்டும்";

constexpr std::string_view yiddish =
    "אבער אדער אויב אויך אויף אוז אז אזוי איבער איז אין איך איר אירע אלע אן אנדערע און אונטער אונדז אונדזער אזא ביי "
    "ביז בין ביסט ברויך "
    "דא דאס דאך דארף דער דערנאך די דיר דיין דורך דאן האבן האט האסט הייסט ווארט וואו ווי ווייל ווייס ווען ווער וואס "
    "וועט וועלן וועגן זאל זאלן "
    "זיי זיין זיינע זיינען זיך זי יעדער יעדע יא מיט מיר מיין מען מער נאך נאר ניט נישט נו פאר פון צו צום צווישן קיין "
    "קען קענען שוין";

}  // namespace

std::string_view function_words(Language language) {
    switch (language) {
        case Language::english: return english;
        case Language::german: return german;
        case Language::french: return french;
        case Language::spanish: return spanish;
        case Language::italian: return italian;
        case Language::portuguese: return portuguese;
        case Language::dutch: return dutch;
        case Language::swedish: return swedish;
        case Language::danish: return danish;
        case Language::norwegian: return norwegian;
        case Language::polish: return polish;
        case Language::czech: return czech;
        case Language::romanian: return romanian;
        case Language::hungarian: return hungarian;
        case Language::finnish: return finnish;
        case Language::turkish: return turkish;
        case Language::indonesian: return indonesian;
        case Language::catalan: return catalan;
        case Language::serbian: return serbian;
        case Language::lithuanian: return lithuanian;
        case Language::estonian: return estonian;
        case Language::basque: return basque;
        case Language::irish: return irish;
        case Language::esperanto: return esperanto;
        case Language::russian: return russian;
        case Language::greek: return greek;
        case Language::arabic: return arabic;
        case Language::persian: return persian;
        case Language::hindi: return hindi;
        case Language::nepali: return nepali;
        case Language::armenian: return armenian;
        case Language::tamil: return tamil;
        case Language::yiddish: return yiddish;
    }
    std::unreachable();
}

}  // namespace lar::index
