"""Words that carry no subject, as data."""


def word_set(text: str) -> frozenset[str]:
    """The words between the blanks."""
    return frozenset(text.split())


STOPWORDS = word_set(
    """
    a about above after again all also am an and another any anybody anyone anything are aren't as at away back be
    because been before being between both but by can can't cannot could couldn't did didn't do does doesn't doing
    don't done during each either else even ever every everything few for from further get gets getting give
    gives giving go goes going gonna got gotta had has hasn't have haven't having he he'd he'll he's her here here's
    hers herself him himself his how how's however i i'd i'll i'm i've if in into is isn't it it'd it'll it's its
    itself just kind know let let's like lot lots made make makes making many may maybe me might mine more
    most much must my myself need needs no nor not now of often on once one ones only onto or other others our
    ours out over own particular per put puts quite rather really right said same say says see seem seems she she's
    should shouldn't since so some somebody someone something sort still such take taken takes taking tell than that
    that'll that's the their theirs them themselves then there there's these they they'd they'll they're they've
    thing things think this those though through thus to too toward trying try tried under until up upon us use used
    using very via want wanted wants was wasn't way we we'd we'll we're we've well went were weren't what what's
    whatever when when's where where's whether which while who who's whole whom whose why why's will with within
    without won't would wouldn't yet you you'd you'll you're you've your yours yourself
    s t d ll m re ve don doesn didn isn won
    """
)

FILLERS = word_set(
    """
    um umm ummm uh uhh uhhh uhm erm er ah eh hmm hm mm mhm mmhmm huh oh ooh like basically actually literally
    honestly obviously
    anyway anyways alright okay ok yeah yep yup yes nope no so well right sure please thanks thank hello hi hey
    sorry sir ma'am madam guys man dude gosh
    """
)

SOCIAL_WORDS = FILLERS | word_set(
    """
    good morning afternoon evening night day weekend week great perfect awesome fine cool nice excellent wonderful
    lovely super brilliant amazing fantastic absolutely exactly correct true definitely certainly indeed gotcha
    understood understand cheers bye goodbye see you later much very a lot so for your help that's that is it's it i'm
    i am am and too take care have appreciate appreciated it all everything my pleasure welcome worries problem
    problems at all how are doing going today there i we the that to of got get see makes sense make sounds works
    dear wow really kind enjoy rest same likewise god bless okey dokey hang hold on one moment second sec minute
    just wait speaking talk soon me too glad happy hear with
    """
)
"""An utterance made of these alone is a greeting, a thank-you or a sign of listening."""

POINTING_WORDS = word_set(
    """
    it its it's it'd it'll that that's that'll this these those they them they're they'd they'll their theirs there
    one ones he she him her his such same either both another other others else instead
    """
)
"""Words whose meaning lies in an earlier utterance."""

DANGLING_WORDS = word_set(
    """
    a an and are as at because but by can could do does for from how i if in into is it's like my of on or our so
    that the their then there this to uh um was we were what when where which while who why will with would your
    """
)
"""An utterance that ends in one of these was cut by the recogniser."""

CONTRACTIONS = {
    "dont": "don't",
    "cant": "can't",
    "wont": "won't",
    "doesnt": "doesn't",
    "didnt": "didn't",
    "isnt": "isn't",
    "arent": "aren't",
    "wasnt": "wasn't",
    "werent": "weren't",
    "couldnt": "couldn't",
    "wouldnt": "wouldn't",
    "shouldnt": "shouldn't",
    "hasnt": "hasn't",
    "havent": "haven't",
    "hadnt": "hadn't",
    "aint": "isn't",
    "ain't": "isn't",
    "im": "i'm",
    "ive": "i've",
    "youre": "you're",
    "youve": "you've",
    "theyre": "they're",
    "theyve": "they've",
    "weve": "we've",
    "thats": "that's",
    "whats": "what's",
    "hows": "how's",
    "wheres": "where's",
    "whens": "when's",
    "whos": "who's",
    "theres": "there's",
    "heres": "here's",
    "gonna": "going to",
    "wanna": "want to",
    "gimme": "give me",
}
"""As recognisers write them that know no apostrophes."""
