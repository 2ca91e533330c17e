#include "index/language.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "index/analysis.h"
#include "index/function_words.h"

namespace lar::index {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Language told(std::string_view text) { return analyse_passage(text, {}).language; }

std::string term(Language language, std::string_view word) {
    const auto tokens = analyse(word, language);
    return tokens.size() == 1 ? tokens[0].term : std::string();
}

// A sentence of each, about an old house and a bridge.
constexpr auto sentences = std::to_array<std::pair<Language, std::string_view>>({
    {Language::english, "The old house by the river was sold last year, and nobody knows who bought it."},
    {Language::german, "Das alte Haus am Fluss wurde im letzten Jahr verkauft, und niemand weiß, wer es gekauft hat."},
    {Language::french,
     "La vieille maison près de la rivière a été vendue l'an dernier, et personne ne sait qui l'a achetée."},
    {Language::spanish, "La vieja casa junto al río se vendió el año pasado y nadie sabe quién la ha comprado."},
    {Language::italian,
     "La vecchia casa vicino al fiume è stata venduta l'anno scorso e nessuno sa chi l'abbia comprata."},
    {Language::portuguese, "A velha casa junto ao rio foi vendida no ano passado e ninguém sabe quem a comprou."},
    {Language::dutch, "Het oude huis aan de rivier is vorig jaar verkocht en niemand weet wie het heeft gekocht."},
    {Language::swedish, "Det gamla huset vid ån såldes i fjol och ingen vet vem som har köpt det."},
    {Language::danish, "Det gamle hus ved åen blev solgt sidste år, og ingen ved, hvem der har købt det af ham."},
    {Language::norwegian, "Det gamle huset ved elva ble solgt i fjor, og ingen vet hvem som har kjøpt det av ham."},
    {Language::polish, "Stary dom nad rzeką został sprzedany w zeszłym roku i nikt nie wie, kto go kupił."},
    {Language::czech, "Starý dům u řeky byl loni prodán a nikdo neví, kdo jej koupil, protože to není nikde zapsáno."},
    {Language::romanian, "Casa veche de lângă râu a fost vândută anul trecut și nimeni nu știe cine a cumpărat-o."},
    {Language::hungarian,
     "A folyó melletti régi házat tavaly eladták, és senki sem tudja, hogy ki vette meg, de nem is volt drága."},
    {Language::finnish,
     "Vanha talo joen rannalla myytiin viime vuonna, eikä kukaan tiedä, kuka sen on ostanut, mutta se oli kallis."},
    {Language::turkish,
     "Nehir kenarındaki eski ev geçen yıl satıldı ve onu kimin aldığını bilen yok, ama çok pahalı değil."},
    {Language::indonesian,
     "Rumah tua di tepi sungai itu telah dijual tahun lalu dan tidak ada yang tahu siapa pembelinya."},
    {Language::catalan,
     "La vella casa del costat del riu es va vendre l'any passat i ningú no sap qui la va comprar amb els seus "
     "diners."},
    {Language::serbian,
     "Stara kuća pored reke je prodata prošle godine i niko ne zna ko ju je kupio, jer nije bilo oglasa."},
    {Language::lithuanian,
     "Senas namas prie upės buvo parduotas pernai, ir niekas nežino, kas jį nupirko, nes tai nėra žinoma."},
    {Language::estonian,
     "Vana maja jõe ääres müüdi eelmisel aastal ja keegi ei tea, kes selle ostis, kuid see oli kallis."},
    {Language::basque,
     "Ibai ondoko etxe zaharra iaz saldu zen eta inork ez daki nork erosi duen, baina garestia izan da."},
    {Language::irish,
     "Díoladh an seanteach cois abhann anuraidh agus níl a fhios ag aon duine cé a cheannaigh é, ach tá siad ansin "
     "anois."},
    {Language::esperanto, "La malnova domo apud la rivero estis vendita pasintjare kaj neniu scias, kiu ĝin aĉetis."},
    {Language::russian, "Старый дом у реки продали в прошлом году, и никто не знает, кто его купил."},
    {Language::greek, "Το παλιό σπίτι δίπλα στο ποτάμι πουλήθηκε πέρυσι και κανείς δεν ξέρει ποιος το αγόρασε."},
    {Language::arabic, "بيع البيت القديم على النهر في العام الماضي ولا أحد يعرف من اشتراه."},
    {Language::persian, "خانه قدیمی کنار رودخانه سال گذشته فروخته شد و هیچ کس نمی داند که آن را چه کسی خرید."},
    {Language::hindi, "नदी के किनारे का पुराना घर पिछले साल बेच दिया गया और कोई नहीं जानता कि उसे किसने खरीदा है।"},
    {Language::nepali, "नदी किनारको पुरानो घर गत वर्ष बेचिएको थियो र कसले किनेको हो भन्ने कसैलाई थाहा छैन।"},
    {Language::armenian, "Գետի մոտ գտնվող հին տունը վաճառվել է անցյալ տարի, և ոչ ոք չգիտի, թե ով է այն գնել։"},
    {Language::tamil, "ஆற்றங்கரையில் இருந்த பழைய வீடு கடந்த ஆண்டு விற்கப்பட்டது, அதை யார் வாங்கினார் என்று தெரியவில்லை."},
    {Language::yiddish, "דאס אלטע הויז ביים טייך איז פארקויפט געווארן און קיינער ווייסט ניט ווער עס האט עס געקויפט."},
});

TEST(language, a_sentence_tells_which_language_it_is_in) {
    static_assert(sentences.size() == language_count);
    for (const auto& [language, sentence] : sentences)
        EXPECT_EQ(name_of(told(sentence)), name_of(language)) << sentence;
}

TEST(language, code_and_tables_and_names_are_in_none) {
    for (const std::string_view text :
         {"for (int i = 0; i < n; ++i) { if (a[i] != b[i]) return false; } return true;",
          "import os\nfrom typing import List\ndef main(args: List[str]) -> None:\n    pass\n",
          "los[de] = la + sa; un.des(con, per); el = das[den]; if (que) tot = sur(ces, mod);",
          "Ludwig van Beethoven, Vincent van Gogh, Charles de Gaulle, Simone de Beauvoir, Miguel de la Cruz",
          "la de da da de, un deux trois", "0x1f 0x2e 0x3d\tde ad be ef\nca fe ba be", "Häuser", ""})
        EXPECT_EQ(told(text), Language::english) << text;
}

TEST(language, letters_of_its_own_tell_a_language) {
    EXPECT_EQ(told("Hamur: 4 su bardağı un, 2 yumurta, 1 tatlı kaşığı tuz, aldığı kadar ılık su"), Language::turkish);
    EXPECT_EQ(told("ÖDEV: kağıt, makas, yapıştırıcı; sınıf kapısı sağda"), Language::turkish);
    EXPECT_EQ(told("Zakupy: żółty ser, świeży chleb, łosoś, dwa słoiki"), Language::polish);
    EXPECT_EQ(told("Nákup: dvě kuřata, čtyři hrušky, mouka, těsto"), Language::czech);
    EXPECT_EQ(told("Kağıthane"), Language::english) << "one word is a name";
    EXPECT_EQ(told("We met Erdoğan and Kılıçdaroğlu at the station and then went to the market."), Language::english);
    EXPECT_EQ(told("The team of Łukasz is in Łódź, and this is what they have sent from there."), Language::english);
    EXPECT_EQ(told("author = \"Michał\"; return names[i] == author;"), Language::english);
}

TEST(language, english_about_other_languages_stays_english) {
    EXPECT_EQ(told("The German articles are der, die and das; the dative of der is dem, and ein has einem."),
              Language::english);
    EXPECT_EQ(told("We met in Los Angeles, then drove to El Paso and on to Las Vegas, where they live."),
              Language::english);
}

TEST(language, few_words_are_told_by_what_they_stand_under) {
    EXPECT_EQ(told("Häuser verkauft"), Language::english);
    EXPECT_EQ(analyse_passage("Häuser verkauft", {"Was in diesem Jahr geschah", "Bericht über die Stadt"}).language,
              Language::german);
    EXPECT_EQ(analyse_passage("Houses sold", {"Where we are now", "Bericht über die Stadt und das Land"}).language,
              Language::english);
}

TEST(language, each_has_function_words_that_analysis_drops) {
    for (std::size_t i = 1; i < language_count; ++i) {
        const auto language = static_cast<Language>(i);
        const std::string_view words = function_words(language);
        EXPECT_THAT(analyse(words.substr(0, words.find(' ')), language), IsEmpty()) << name_of(language);
    }
}

// Forms of one word, of which the second stands in for all.
constexpr auto forms = std::to_array<std::pair<Language, std::pair<std::string_view, std::string_view>>>({
    {Language::german, {"Häuser", "Haus"}},
    {Language::german, {"Büchern", "Buch"}},
    {Language::german, {"verkauften", "verkauft"}},
    {Language::french, {"chevaux", "cheval"}},
    {Language::french, {"élèves", "élève"}},
    {Language::french, {"continuait", "continuer"}},
    {Language::spanish, {"canciones", "canción"}},
    {Language::spanish, {"trabajaba", "trabajar"}},
    {Language::italian, {"abbandonata", "abbandonare"}},
    {Language::italian, {"libri", "libro"}},
    {Language::portuguese, {"quilômetros", "quilômetro"}},
    {Language::portuguese, {"trabalhando", "trabalhar"}},
    {Language::dutch, {"lichamelijke", "lichamelijk"}},
    {Language::dutch, {"huizen", "huis"}},
    {Language::swedish, {"flickorna", "flicka"}},
    {Language::swedish, {"husen", "hus"}},
    {Language::danish, {"undersøgelsen", "undersøgelse"}},
    {Language::danish, {"husene", "hus"}},
    {Language::norwegian, {"havnedistriktene", "havnedistrikt"}},
    {Language::norwegian, {"husene", "hus"}},
    {Language::polish, {"domami", "dom"}},
    {Language::czech, {"domech", "domy"}},
    {Language::romanian, {"copiilor", "copii"}},
    {Language::hungarian, {"házakban", "ház"}},
    {Language::finnish, {"taloissa", "talo"}},
    {Language::turkish, {"çocuklar", "çocuk"}},
    {Language::indonesian, {"rumahnya", "rumah"}},
    {Language::catalan, {"cantava", "cantar"}},
    {Language::lithuanian, {"namams", "namai"}},
    {Language::estonian, {"majades", "majad"}},
    {Language::basque, {"etxeak", "etxe"}},
    {Language::irish, {"bhád", "bád"}},
    {Language::esperanto, {"domojn", "domo"}},
    {Language::russian, {"домами", "дом"}},
    {Language::russian, {"книги", "книга"}},
    {Language::greek, {"σπίτια", "σπίτι"}},
    {Language::arabic, {"الكتاب", "كتاب"}},
    {Language::persian, {"کتاب‌ها", "کتاب"}},
    {Language::nepali, {"किताबहरू", "किताब"}},
    {Language::yiddish, {"קינדער", "קינד"}},
    {Language::hindi, {"लड़कियाँ", "लड़की"}},
    {Language::tamil, {"வீடுகள்", "வீடு"}},
    {Language::serbian, {"kućama", "kuća"}},
});

TEST(language, forms_of_a_word_are_one_term) {
    for (const auto& [language, words] : forms) {
        EXPECT_NE(term(language, words.first), "") << words.first;
        EXPECT_EQ(term(language, words.first), term(language, words.second)) << name_of(language);
    }
}

TEST(language, a_word_is_found_without_its_accents) {
    for (const auto& [language, words] :
         std::to_array<std::pair<Language, std::pair<std::string_view, std::string_view>>>(
             {{Language::german, {"Häuser", "hauser"}},
              {Language::german, {"Straße", "strasse"}},
              {Language::french, {"élèves", "eleve"}},
              {Language::spanish, {"canciones", "cancion"}},
              {Language::hungarian, {"házak", "hazak"}},
              {Language::turkish, {"çocuklar", "cocuklar"}},
              {Language::danish, {"smørrebrød", "smorrebrod"}},
              {Language::polish, {"łąka", "laka"}},
              {Language::greek, {"σπίτι", "σπιτι"}},
              {Language::russian, {"ёлка", "елка"}}}))
        EXPECT_EQ(term(language, words.first), term(language, words.second)) << name_of(language);
}

TEST(language, what_is_elided_is_no_part_of_the_word) {
    EXPECT_EQ(term(Language::french, "l'eau"), term(Language::french, "eau"));
    EXPECT_EQ(term(Language::french, "qu\u2019elles"), "");
    EXPECT_EQ(term(Language::italian, "dell'acqua"), term(Language::italian, "acqua"));
    EXPECT_EQ(term(Language::turkish, "Ankara'da"), term(Language::turkish, "Ankara"));
}

TEST(language, a_foreign_passage_keeps_identifiers_and_other_scripts_as_they_are) {
    EXPECT_EQ(terms_of("die Häuser im parseHttpHeader von store.open, v1.2 und 東京", Language::german),
              "haus~de pars http header parsehttphead store open store.open v1 2 v1.2 \u6771\u4EAC");
    EXPECT_EQ(terms_of("старые дома и Docker containers", Language::russian), "стар~ru дом~ru docker contain");
}

TEST(language, a_foreign_passage_is_marked) {
    const PassageTerms german = terms_of_passage("Wir haben das Haus nicht verkauft.", {});
    EXPECT_EQ(german.language, Language::german);
    EXPECT_EQ(german.terms, "haus~de verkauft~de ~ ~de");
    EXPECT_EQ(terms_of_passage("We did not sell the house.", {}).terms, "we did sell hous");
}

TEST(language, a_question_is_in_english_or_a_language_of_the_collection) {
    const auto others = std::to_array({Language::german, Language::russian});
    EXPECT_EQ(language_of_question("Wo steht das Haus?", others), Language::german);
    EXPECT_EQ(language_of_question("Where is the Haus?", others), Language::english);
    EXPECT_EQ(language_of_question("Häuser", others), Language::english);
    EXPECT_EQ(language_of_question("requests allowed per client", std::array{Language::italian}), Language::english);
    EXPECT_EQ(language_of_question("где мой дом", others), Language::russian);
    EXPECT_EQ(language_of_question("où est la maison", others), Language::english);
    EXPECT_EQ(language_of_question("Wo steht das Haus?", {}), Language::english);
}

}  // namespace
}  // namespace lar::index
