"""Turns of phrase by which English speakers ask, report, wish, inform and chat; matched on lower-case text."""

import re


def _phrases(alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{alternatives})\b")


_LEAD_WORDS = (
    r"u+m+|u+h+m*|e+r+m*|a+h+|o+h+|hm+|mm+|hi|hello|hey|there|good (?:morning|afternoon|evening)|yes|yeah|yep|no"
    r"|nope|ok|okay|alright|all right|right|sure|well|so|and|but|also|then|now|actually|basically|anyway|perfect"
    r"|great|thanks|thank you(?: so much| very much)?|please|sorry|excuse me|listen|look|see|like|fine|good|cool"
    r"|awesome|wonderful|excellent|i mean|you know|just|one more thing|one last thing|another thing"
    r"|another question|quick question|by the way|in that case|first|first of all|lastly|because|cause|maybe|mhm"
    r"|sir|madam|ma'am|guys|great question|sounds good|got it|i see|while i have you|while i've got you"
)
LEAD_IN = re.compile(rf"^[\s,.-]*(?:(?:{_LEAD_WORDS})(?![\w'])[\s,.!:;-]*){{1,12}}")
"""Listening noises and bridges before the message."""
BRIDGE = re.compile(r"\b(and|but|so|then|also|or)[ ,]*$", re.IGNORECASE)
"""The last word of a lead-in that ties the utterance to the one before."""

_SUBJECT = (
    r"(?:i|you|we|they|he|she|it|there|this|that|these|those|my|your|our|their|his|her|its|the|a|an|any|anyone"
    r"|anybody|someone|somebody|anything|something|some|all|both|each|either|one|everyone|everything|most)"
)
_AUX = (
    r"(?:do|does|did|can|could|will|would|should|shall|may|might|must|is|are|am|was|were|has|have|had|don't|doesn't"
    r"|didn't|can't|couldn't|won't|wouldn't|shouldn't|isn't|aren't|wasn't|weren't|hasn't|haven't|is there|are there)"
)
_WH = (
    r"(?:how(?: much| many| long| often| soon| far| late| early| big| old| fast| do| come| about)?"
    r"|what(?:'s| is| are| about| if| else| time| kind| sort| type)?|when(?:'s)?|where(?:'s)?|why(?:'s)?|which"
    r"|who(?:'s)?|whose|whom)"
)
_MODAL = r"(?:do|does|did|can|could|should|would|will|shall|must)"
_QUESTION_VERBS = (
    r"(?:have|offer|allow|accept|charge|need|provide|cost|take|support|know|include|come|work|get|still|also)"
)
_MY_VERBS = (
    r"(?:get|have|be|use|bring|pay|change|cancel|still|also|just|expect|do|need|keep|return|transfer|add|make|check"
    r"|go|see)"
)
_CONDITION_VERBS = (
    r"(?:has|have|is|are|allows?|accepts?|offers?|includes?|provides?|serves?|supports?|comes?|works? with)"
)
_STATES = (
    r"(?:allowed|possible|included|free|available|accessible|covered|okay|ok|safe|normal|enough|required|necessary)"
)

QUESTION_START = re.compile(
    rf"^(?:(?:and |but |so |or |also |then )?{_WH}\b|{_AUX} {_SUBJECT}\b"
    r"|(?:any|is there any|are there any) (?:chance|way|idea|update|news|fees?|charges?)\b|(?:what|how) about\b)"
)
QUESTION_INSIDE = re.compile(
    rf"\b(?:how|what|when|where|why|which|who)(?: \w+)? {_MODAL} {_SUBJECT}\b"
    r"|\b(?:what|how|where|when|why|who)(?:'s| is| are) (?:the|my|your|it|that|this|there|a|an|going)\b"
    r"|\bhow (?:much|many|long|often|soon|far)\b|\b(?:what|how) about\b|\bwhat if\b"
    rf"|\b(?:as long as|only if|provided|if) (?:the )?\w{{1,20}} {_CONDITION_VERBS}\b"
    r"(?! (?:possible|ok|okay|fine|not|any))"
    rf"|\bis (?:that|it|this)(?: \w{{1,20}}){{0,2}} {_STATES}\b"
    rf"|[,.;] ?(?:and |but |so |or )?{_AUX} {_SUBJECT}\b"
    r"|\b(?:do (?:i|you|we|they)|does (?:it|that|this)|did (?:i|you)|can (?:i|you|we)|should (?:i|we)) \w"
    r"|\b(?:will (?:i|you|it|that|they)|am i) \w|\b(?:is|are) there (?:a|an|any|some|anything)\b"
    rf"|\b(?:do|does|did) (?:you|they|it|we|i|this|that|the) (?:guys )?{_QUESTION_VERBS}\b"
    rf"|\b(?:can|could|may|should|would|will) i {_MY_VERBS}\b"
)
NOT_QUESTION_START = re.compile(
    r"^(?:"
    r"whatever\b"
    r"|when (?:i|we|you|it|he|she) (?!do\b|can\b|will\b|should\b)[\w']+(?! (?:do|can|will|should) (?:i|we|you))"
    r"|when (?:they|my|the) (?!do\b|can\b|will\b|should\b)[\w']+(?! (?:do|can|will|should) (?:i|we|you))"
    r"|which (?:is|was|means|i)\b(?! the\b)|what i (?:mean|need|want)|that's how"
    r"|how (?:nice|great|kind|lovely|awful|annoying)\b(?! is)|why not\b|who knows"
    r"|what a (?:shame|pity|relief|mess|great|nice|lovely)|what the (?:hell|heck)"
    r"|have a (?:good|great|nice|lovely|wonderful)|is that right$|may i place|will do\b|would be\b"
    r")"
)
""""When I open it" and other beginnings that only look like a question."""
EMBEDDED_QUESTION = _phrases(
    r"i(?:'d| would) (?:like|love|want) to (?:know|ask|find out|understand|learn|hear|inquire|enquire|check)"
    r"|i (?:want|wanted|need|wish) to (?:know|ask|find out|understand|inquire|enquire)"
    r"|(?:i'm |i am |i was |we were |just )?(?:wondering|curious)"
    r"|(?:any|no|some) idea (?:how|what|why|when|where|if)"
    r"|(?:could|can|would|will) you (?:please )?(?:tell|explain|show|help|let me know|clarify|confirm|advise|check)"
    r"|(?:could|can|would|will) you (?:please )?(?:find|walk)|do you (?:know|happen to)"
    r"|tell me (?:how|what|why|when|where|if|whether|more|about)|let me know (?:if|how|what|when|whether)"
    r"|(?:my|a|one|the|another|quick) question (?:is|about|regarding|for you)"
    r"|(?:not sure|don't know)(?: exactly)? (?:how|what|why|when|where|if|whether|which|out how|out where)"
    r"|(?:do not know|can't figure out)(?: exactly)? (?:how|what|why|when|where|if|whether|which|out how|out where)"
    r"|(?:no clue|don't understand)(?: exactly)? (?:how|what|why|when|where|if|whether|which|out how|out where)"
    r"|(?:do not understand|unsure)(?: exactly)? (?:how|what|why|when|where|if|whether|which|out how|out where)"
    r"|(?:can't find|couldn't find)(?: exactly)? (?:how|what|why|when|where|if|whether|which|out how|out where)"
    r"|(?:can't see|need help)(?: exactly)? (?:how|what|why|when|where|if|whether|which|out how|out where)"
    r"|(?:not|n't) (?:sure|know|understand) (?:about|if|whether)|question (?:about|regarding|on)"
    r"|i(?:'d| would) appreciate (?:some )?(?:info|information|details|to know)"
    r"|(?:looking for|need|want|like|get|have) (?:some )?(?:more )?"
    r"(?:info|information|details|instructions|help|advice|clarification) (?:about|on|with|regarding|for|to)"
    r"|i hope (?:they|you|there|it)|make sure (?:they|that|it|there|you)|find out (?:if|how|what|whether|when)"
    r"|heard (?:that )?(?:you|there)"
)
""""I was wondering if" and its like."""
TAG_ONLY = re.compile(
    r"^(?:"
    r"right|is it|isn't it|really|you know|okay|ok|yes|no|correct|what|who|pardon|sorry|huh|hello"
    r"|does that make sense|is that so|is that right|is that correct"
    r")\W*$"
)
""""right?" asks for nothing."""

_NOT = (
    r"(?:doesn't|does not|don't|do not|didn't|did not|isn't|is not|aren't|not|never|stopped|quit|no longer|barely"
    r"|hardly)"
    r"(?: \w+){0,2}?"
)
_WORKS = (
    r"(?:work|start|load|open|connect|turn|respond|arriv|receiv|recogni[sz]|accept|sync|appear|print|updat|download"
    r"|install|charg|function)(?:e?s|e?d|ing|e)?"
    r"|(?:show(?:s|ing)?|come|comes)(?: (?:up|on|through))?|send(?:s|ing)?|get(?:ting)? (?:any|my|the|a|through|in|it)"
    r"|let(?:s|ting)? me|go(?:es|ing)? through|add up|match|available|happen(?:s|ing)?|delivered"
    r"|been (?:delivered|paid|processed|refunded|received|credited)"
)
PROBLEM = _phrases(
    rf"{_NOT} (?:{_WORKS})"
    r"|can't|cannot|can not|couldn't|unable to|not able to|won't (?!be (?:long|needing))"
    r"|wouldn't (?:let|start|work|turn|open|load|connect)|hasn't|haven't (?:received|gotten|got|arrived|heard|been)"
    r"|has not|have not (?:received|gotten|been|arrived)|broken|broke|crash(?:es|ed|ing)?|fr(?:ee|o)z(?:e|es|ing|en)"
    r"|hangs|fail(?:s|ed|ing|ure)?|stuck|declined|rejected|denied|blocked|locked(?: me)? out|logged out|kicked out"
    r"|suspended|disabled|overcharged|double charged|charged (?:me )?(?:twice|double|again|for)|charged me"
    r"|wrong (?!number)|wrong$|damaged|defective|faulty|leak(?:s|ing|ed)?|missing|lost|stolen|hacked|expired"
    r"|disconnect(?:s|ed|ing)?|dropp(?:ed|ing)|drops|offline"
    r"|no (?:signal|internet|connection|sound|picture|power|service|dial tone|hot water|response|reception|data)"
    r"|no (?:network|image|heat|heating|display|light)|blinking|flashing|beep(?:s|ing)|overheat(?:s|ing|ed)?"
    r"|too (?:slow|hot|loud|high|expensive)|slow|lag(?:s|ging|gy)?|glitch(?:es|y|ing)?|bug(?:gy|s)?|error"
    r"|corrupt(?:ed)?|invalid|timed? out|times out|black screen|blank|unexpected|fraud(?:ulent)?|scam"
    r"|unauthori[sz]ed|late|delayed"
    r"|cancel(?:l)?ed|bounced|forgot(?:ten)?|cracked|torn|scratched|noisy|weird noise|smells?|smoke|sparks?"
    r"|(?:an? |the |this |some |having |have |is |big |same )(?:issue|issues|problem|problems|trouble|troubles)"
    r"|trouble \w+ing|(?:went|gone|going|goes) (?:out|down|dead|wrong|off|missing)"
    r"|(?:is|are|was|been|still|totally|completely|stays|stayed)"
    r" (?:down|dead|out|off|wrong|empty|gone|red|locked|black|dark)"
    r"|(?:is|are) (?:restarting|rebooting)|keeps? (?:on )?\w+ing|messed up|mistake|incorrect(?:ly)?"
    r"|nobody|no one (?:has|is|ever|came|called)|never (?:came|showed|got|received|arrived|called)|short(?:ed)? me"
    r"|something(?:'s| is) (?:up|off|wrong)"
)
NO_PROBLEM = re.compile(
    r"\b(?:no|not a|without(?: any)?|isn't a) (?:big )?(?:problem|problems|issue|issues|trouble|error|worries)\b"
    r"|\b(?:not any|any other|any more) (?:big )?(?:problem|problems|issue|issues|trouble|error|worries)\b"
    r"|\bno (?:worries|rush|hurry)\b|\bcan't (?:wait|complain|thank|remember|hear you|think of anything|believe)\b"
    r"|\bcouldn't (?:hear|catch|be happier|agree)\b|\bdon't (?:worry|mind|bother|need)\b"
    r"|\bnot (?:right now|at the moment|really|that i know|yet)$|\bsorry (?:i'm|i am|for being) late\b"
    r"|\bdon't have (?:it|that|the|one|any)\b|\bi(?:'m| am) not (?:in front|near|at)\b"
)
"""Words of trouble that tell of none."""
RESOLVED = _phrases(
    r"(?:it|that|this|everything|now it)(?:'s| is)? (?:works?|worked|working)(?: now| again| perfectly| fine)?"
    r"|(?:it|that|this|everything|now it)(?:'s| is)? (?:fixed|solved|resolved)(?: now| again| perfectly| fine)?"
    r"|(?:it|that|this|everything|now it)(?:'s| is)? (?:did it|did the trick)(?: now| again| perfectly| fine)?"
    r"|(?:it|that|this|everything|now it)(?:'s| is)? (?:is back|went through)(?: now| again| perfectly| fine)?"
    r"|(?:that|it) (?:fixed|solved|helped|answers|answered)|never ?mind|problem solved|all (?:set|sorted)"
    r"|i(?:'m| am) in now|working (?:now|again|fine|perfectly)|works (?:now|again|fine|perfectly)"
    r"|that's (?:all|everything)(?: i needed)?|i'm all set|i'm good"
)
"""The matter is settled."""
STILL_BROKEN = _phrases(r"not|n't|never|still|nothing|no longer|unless|until|but")
WISH = _phrases(
    r"i(?:'d| would) (?:really |also |just |rather )?(?:like|love|prefer|need|want)"
    r"|i (?:really |just |also |actually |only |still |do )?(?:want|wanted|need|needed|wanna|wish)"
    r"|we (?:want|need|would like|'d like)|we'd like"
    r"|i(?:'m| am|'ve been| was) (?:just |also |really |currently |still )?(?:looking (?:for|to|at|into)|trying to)"
    r"|i(?:'m| am|'ve been| was) (?:just |also |really |currently |still )?(?:hoping|planning)"
    r"|i(?:'m| am|'ve been| was) (?:just |also |really |currently |still )?(?:calling (?:to|about|because|for))"
    r"|i(?:'m| am|'ve been| was) (?:just |also |really |currently |still )?(?:calling (?:regarding))"
    r"|i(?:'m| am|'ve been| was) (?:just |also |really |currently |still )?(?:interested in|going to need)"
    r"|i(?:'m| am|'ve been| was) (?:just |also |really |currently |still )?(?:thinking (?:of|about)|considering)"
    r"|looking to|looking for|(?:help|assist) (?:me|us)|i have to|i've got to|i gotta"
)
EMPTY_WISH = re.compile(
    r"\b(?:like|want|wanted|need|love) to (?:thank|say|tell you|apologi[sz]e|hang up|speak|talk)\b"
    r"|\b(?:that's|this is) (?:all|everything|what) i (?:need|needed|want|wanted)\b"
    r"|\bi(?:'d| would) (?:like|love) that\b"
    r"|\b(?:speak|talk) (?:to|with) (?:a|your|the|some|an) (?:manager|supervisor|human|person|real|agent)"
    r"|\b(?:speak|talk) (?:to|with) (?:a|your|the|some|an) (?:representative|someone|somebody)"
    r"|\bi(?:'d)? need (?:a|one|just a) (?:second|sec|moment|minute)\b"
)
"""Wishes that no article can answer."""
IMPERATIVE = re.compile(
    r"^(?:please |just |can you )?(?:cancel|reset|refund|change|update|reschedule|return|exchange|replace|transfer"
    r"|activate|deactivate|upgrade|downgrade|unlock|block|remove|delete|add|give me|send me|provide|extend|renew|track"
    r"|send|resend|close|open|book|schedule|tell|explain|show|find|help|check|connect|disconnect|set up"
    r"|turn (?:on|off)|switch) (?!you\b|me know\b)"
)
SMALL_TALK = _phrases(
    r"how are you(?: doing)?|how(?:'s| is) (?:it going|your day|your week|everything|the weather|things)"
    r"|how have you been|nice (?:to (?:meet|talk|speak|hear)|talking|weather|speaking)"
    r"|what(?:'s| is| was) your name|who am i (?:speaking|talking) (?:to|with)|who is this|can you hear me"
    r"|are you (?:still )?(?:there|here|a (?:robot|real|bot|human|person|machine))|do you hear me"
    r"|(?:can|could|would) you (?:please )?(?:repeat|say) (?:that|it)|say (?:that|it) again|come again"
    r"|what did you say|what was that|i didn't (?:catch|hear|get) (?:that|you)|pardon me"
    r"|(?:^|you |and )have a (?:good|great|nice|lovely|wonderful|blessed)|where are you (?:from|located|based)"
    r"|how(?:'s| is) the weather|what(?:'s| is) the weather|happy (?:holidays|new year|birthday)|merry christmas"
    r"|do you have a (?:minute|moment|second)|can i put you on|is this (?:a )?(?:good|bad) time"
    r"|give me (?:a|one|just a) (?:second|sec|moment|minute)|bear with me"
    r"|let me (?:see|check|look|find|get|grab|think|go|pull)|how may i help|how can i help|what can i (?:do|help)"
    r"|take your time|did you (?:get|hear) that|do you need (?:my|anything)|what (?:else )?do you need"
    r"|you (?:too|as well)|are you busy|long day"
)
INFORM = re.compile(
    r"^(?:"
    r"(?:my|the) (?:full |first |last |middle |email |e-mail |phone |account |order |booking |mobile |home "
    r"|billing |zip |postal |date of |reference |confirmation |ticket |case |customer |policy |serial )*"
    r"(?:name|number|address|email|e-mail|birth|birthday|code|id|zip)(?: address| number)?(?:'s| is| was)\b"
    r"|(?:this|it) is \w+(?: \w+)?(?: (?:speaking|here|calling))?$|i(?:'m| am) [a-z]+ [a-z]+$"
    r"|it's (?:spelled|under|for|in)\b|it's [\w\s.@-]{0,40}$"
    r"|(?:yes|no|yeah)?[, ]*(?:that's|it's|its) (?:correct|right|\d|[a-z] [a-z])"
    r"|(?:and |my )?(?:the )?(?:zip|post) ?code|born|spelled|that's [a-z] (?:as|like)|\d[\d\s.-]*$"
    r")"
)
"""Identification and plain facts."""
AGENT_CONFIRMS = re.compile(
    r"^(?:"
    r"you(?:'d| would) like"
    r"|you(?:'re| are) (?:trying|looking|asking|calling|hoping|interested|having (?:trouble|problems|issues))"
    r"|you (?:want|wanted|wish|mean)\b|(?:do|did) you (?:want|mean)\b|are you (?:trying|looking|calling|asking)"
    r"|it sounds like|if i understand|what i'm hearing|(?:is this|is it|this is|it's) about|your question is"
    r"|would you like to know|you (?:can't|cannot|need|have|lost|forgot|got|were)\b[^?]{1,200}\?$"
    r")"
)
"""A sentence in which the agent sums up what the customer wants."""
AGENT_OPENS = _phrases(
    r"how (?:may|can|could) i (?:help|assist)|what can i (?:do|help)|what seems to be"
    r"|what(?:'s| is) (?:going on|the (?:problem|issue|matter|trouble)|wrong)|what(?:'s| is) happening"
    r"|what happened|what brings you|how can we help|tell me what"
)
"""The agent invites the customer to say what the call is about."""
NOUN_START = re.compile(
    r"^(?!(?:i|i'm|i've|we|we're|this|my name|it's|it|you|he|she|they|yes|no|not)\b)"
    r"(?!.*\b(?:this is|my name|name's|speaking|calling from)\b)"
)
"""An elliptic report: "internet down since yesterday"."""
AGENT_ASKS_IDENTITY = _phrases(
    r"your (?:full |first |last |billing |home |email |e-mail )*(?:name|address|email|e-mail|birth|birthday|zip)"
    r"|your (?:full |first |last |billing |home |email |e-mail )*post|date of birth"
    r"|(?:order|account|phone|mobile|ticket|case|booking|reference|customer|policy|card) (?:number|id|holder)"
    r"|(?:contract|social security|callback|confirmation|tracking|invoice) (?:number|id|holder)|verify"
    r"|security question|last four|spell|who am i speaking|best number"
    r"|how many (?:people|tickets|guests|nights|days)|what (?:day|time|date)|anything else|can i help you with"
)
AGENT_ASKS_DETAIL = _phrases(
    r"error|message|version|model|device|product|which"
    r"|what (?:happens|exactly|kind|type|does|do you see|are you|is it|app|phone|browser|model|product|colou?r)"
    r"|what (?:light)|what's (?:happening|going on|wrong|the (?:problem|issue|error|message|model|version))"
    r"|when (?:did|does)|since when|how long|are you (?:using|getting|seeing|on)|do you (?:see|get|have)|does it"
    r"|is it|is the|have you tried|operating system|lights?|describe|tell me more|can you explain|more specific"
)
"""The agent asks about the problem itself."""
HOLD = _phrases(
    r"let me (?:check|look|see|pull|find|verify|get|confirm)|one (?:moment|second|sec|minute)"
    r"|just a (?:moment|second|sec|minute)|bear with me|hold on|hang on|give me a (?:moment|second|minute)"
    r"|i'll (?:check|look|see|find|get)"
)
"""The agent asks for time."""
AGAIN = _phrases(
    r"again|one more time|once more|repeat (?:that|it|the)|remind me|go over (?:that|it)|what was (?:that|it|the)"
)
"""Asks explicitly for what has been said already."""
