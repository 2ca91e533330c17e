#include "recall/everyday.h"

#include <string>
#include <unordered_set>

#include "index/analysis.h"

namespace lar::recall {
namespace {

// By kind, so that it can be seen what is missing. Inflections need not be listed: all are stemmed.
constexpr std::string_view words =
    // doing and being
    "go went gone going come came coming get got gotten getting give gave given take took taken put keep kept let make "
    "made "
    "making say said saying see saw seen look looked know knew known think thought want need try tried seem appear "
    "become "
    "became happen happened stay remain leave left bring brought turn begin began start started stop stopped end ended "
    "finish move moved change changed hold held stand stood stick sit set lie fall fell rise grow grew pick choose "
    "chose "
    "chosen decide decided mean meant matter care expect expected suppose assume guess believe hope wish like prefer "
    "deal handle cope manage treat allow permit prevent avoid help cause lead follow followed reach meet met pass "
    "passed "
    "throw threw thrown drop dropped cut break broke broken fix fixed repair repaired mend solve solved go wrong raise "
    "raised lower lowered increase decrease grow shrink add added join split separate merge mix share shared replace "
    "replaced swap switch switched carry carried send sent show shown hide hid hidden tell told ask asked answer "
    "explain "
    "describe call called name named spell word talk speak hear notice noticed realise realize recognise find found "
    "search look lose lost miss missed forget remember wait waited waiting hurry slow last survive survived live die "
    "protect guard refuse refused reject rejected accept accepted agree grant granted deny denied skip skipped ignore "
    "ignored bother pay paid cost spend spent save waste earn own belong contain contains include involve consist "
    "depend "
    "relate concern affect apply applied work worked working behave act react respond perform serve play run ran "
    "running "
    "walk jump push pull lift build built create created produce provide supply offer support deliver prepare plan "
    "design "
    "use used using reuse try attempt succeed fail failed failing "
    // how things are
    "good better best bad worse worst wrong right correct proper fine nice great big bigger biggest large larger "
    "largest "
    "small smaller smallest little tiny huge long longer longest short shorter high higher low deep wide narrow thick "
    "thin "
    "full empty heavy light fast faster quick quickly slow slower early earlier late later latest new newer newest old "
    "older "
    "oldest young recent fresh first second third last next previous former final original initial same different "
    "similar "
    "equal other another separate single double half whole entire complete partial several few many much more most "
    "less "
    "least enough extra spare additional common usual normal ordinary typical regular special particular specific "
    "certain "
    "sure clear obvious simple easy easier hard harder difficult possible impossible likely able unable ready free "
    "busy "
    "available missing present absent alive dead safe dangerous evil strange odd weird abrupt sudden smooth gentle "
    "strict "
    "loose strong weak rough exact exactly precise actual real true false main major minor important necessary useful "
    "useless own alone together apart quiet silent loud open hot cold warm dirty clean plain "
    // when, where, how often
    "now then today always never ever often sometimes usually rarely seldom once twice again already still yet just "
    "soon "
    "before after during while until since ago when whenever moment instant time times hour minute day week month year "
    "period everywhere somewhere anywhere nowhere elsewhere else here there away back forward ahead behind above below "
    "under over inside outside within without through across along around between among near far close top bottom side "
    "middle front beginning start end up down out off on upon onto into "
    // how
    "very too quite rather pretty almost nearly about roughly only even also either neither both instead otherwise "
    "though "
    "although however therefore thus hence because despite unless except besides anyway actually really simply merely "
    "especially mostly mainly partly directly automatically manually silently "
    // people and things without a name
    "someone somebody anyone anybody everyone everybody nobody nothing something anything everything thing stuff "
    "people "
    "person user users developer somebody friend friends myself yourself itself themselves own way ways manner kind "
    "sort "
    "type case cases example reason reasons cause purpose goal idea point part piece bit lot couple pair number amount "
    "place spot situation problem trouble issue matter question fact detail step chance rest each every any some all "
    "none "
    "one two three four five six seven eight nine ten zero half row succession turn go "
    "cannot cant dont doesnt didnt isnt arent wasnt wont wouldnt shouldnt couldnt havent hasnt want must might may "
    "shall "
    "allowed supposed possible please";

std::unordered_set<std::string> stems() {
    std::unordered_set<std::string> found;
    for (index::Token& token : index::analyse(words)) found.insert(std::move(token.term));
    return found;
}

}  // namespace

bool is_everyday(std::string_view term) {
    static const std::unordered_set<std::string> known = stems();
    return known.contains(std::string(term));
}

}  // namespace lar::recall
