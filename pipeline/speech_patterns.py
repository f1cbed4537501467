"""Turns of phrase by which English speakers ask, report, wish, inform and chat; matched on lower-case text."""

import re

_LEAD = (
    r"(?:(?:u+m+|u+h+m*|e+r+m*|a+h+|o+h+|hm+|mm+|hi|hello|hey|there|good (?:morning|afternoon|evening)|yes|yeah|yep|no|nope|ok|okay|alright|all right"
    r"|right|sure|well|so|and|but|also|then|now|actually|basically|anyway|perfect|great|thanks|thank you(?: so much| very much)?"
    r"|please|sorry|excuse me|listen|look|see|like|fine|good|cool|awesome|wonderful|excellent|i mean|you know|just"
    r"|one more thing|one last thing|another thing|another question|quick question|by the way|in that case|first|first of all|lastly"
    r"|because|cause|maybe|mhm|sir|madam|ma'am|guys|great question|sounds good|got it|i see|while i have you|while i've got you)"
    r"(?![\w'])[\s,.!:;-]*){1,12}"
)
LEAD_IN = re.compile(rf"^[\s,.-]*{_LEAD}")
"""Listening noises and bridges before the message."""

_SUBJECT = (
    r"(?:i|you|we|they|he|she|it|there|this|that|these|those|my|your|our|their|his|her|its|the|a|an|any|anyone|anybody|someone"
    r"|somebody|anything|something|some|all|both|each|either|one|everyone|everything|most)"
)
_AUX = (
    r"(?:do|does|did|can|could|will|would|should|shall|may|might|must|is|are|am|was|were|has|have|had|don't|doesn't|didn't|can't"
    r"|couldn't|won't|wouldn't|shouldn't|isn't|aren't|wasn't|weren't|hasn't|haven't|is there|are there)"
)
_WH = (
    r"(?:how(?: much| many| long| often| soon| far| late| early| big| old| fast| do| come| about)?|what(?:'s| is| are| about| if| else| time"
    r"| kind| sort| type)?|when(?:'s)?|where(?:'s)?|why(?:'s)?|which|who(?:'s)?|whose|whom)"
)

QUESTION_START = re.compile(
    rf"^(?:(?:and |but |so |or |also |then )?{_WH}\b|{_AUX} {_SUBJECT}\b|(?:any|is there any|are there any) (?:chance|way|idea|update|news|fees?|charges?)\b"
    r"|(?:what|how) about\b)"
)
NOT_QUESTION_START = re.compile(
    r"^(?:whatever\b|when (?:i|we|you|it|he|she|they|my|the) (?!do\b|can\b|will\b|should\b)[\w']+(?! (?:do|can|will|should) (?:i|we|you))"
    r"|which (?:is|was|means|i)\b(?! the\b)|what i (?:mean|need|want)|that's how|how (?:nice|great|kind|lovely|awful|annoying)\b(?! is)"
    r"|why not\b|who knows|what a (?:shame|pity|relief|mess|great|nice|lovely)|what the (?:hell|heck)|have a (?:good|great|nice|lovely|wonderful)"
    r"|is that right$|may i place|will do\b|would be\b)"
)
QUESTION_INSIDE = re.compile(
    rf"\b(?:how|what|when|where|why|which|who)(?: \w+)? (?:do|does|did|can|could|should|would|will|shall|must) {_SUBJECT}\b"
    rf"|\b(?:what|how|where|when|why|who)(?:'s| is| are) (?:the|my|your|it|that|this|there|a|an|going)\b"
    r"|\bhow (?:much|many|long|often|soon|far)\b"
    r"|\b(?:what|how) about\b|\bwhat if\b|\b(?:as long as|only if|provided|if) (?:it|they|there|that|the \w{1,20}|\w{1,20}) (?:has|have|is|are|allows?|accepts?|offers?|includes?|provides?|serves?|supports?|comes?|works? with)\b(?! (?:possible|ok|okay|fine|not|available|any))"
    rf"|\bis (?:that|it|this)(?: \w{{1,20}}){{0,2}} (?:allowed|possible|included|free|available|accessible|covered|okay|ok|safe|normal|enough|required|necessary)\b"
    rf"|[,.;] ?(?:and |but |so |or )?{_AUX} {_SUBJECT}\b"
    r"|\b(?:do (?:i|you|we|they)|does (?:it|that|this)|did (?:i|you)|can (?:i|you|we)|should (?:i|we)|will (?:i|you|it|that|they)|am i) \w"
    r"|\b(?:is|are) there (?:a|an|any|some|anything)\b"
    r"|\b(?:do|does|did) (?:you|they|it|we|i|this|that|the) (?:guys )?(?:have|offer|allow|accept|charge|need|provide|cost|take|support|know|include|come|work|get|still|also)\b"
    r"|\b(?:can|could|may|should|would|will) i (?:get|have|be|use|bring|pay|change|cancel|still|also|just|expect|do|need|keep|return|transfer|add|make|check|go|see)\b"
)
EMBEDDED_QUESTION = re.compile(
    r"\b(?:i(?:'d| would) (?:like|love|want) to (?:know|ask|find out|understand|learn|hear|inquire|enquire|check)|i (?:want|wanted|need|wish) to (?:know|ask|find out|understand|inquire|enquire)"
    r"|(?:i'm |i am |i was |we were |just )?(?:wondering|curious)|(?:any|no|some) idea (?:how|what|why|when|where|if)|(?:could|can|would|will) you (?:please )?(?:tell|explain|show|help|let me know|clarify|confirm|advise|check|find|walk)"
    r"|do you (?:know|happen to)|tell me (?:how|what|why|when|where|if|whether|more|about)|let me know (?:if|how|what|when|whether)|(?:my|a|one|the|another|quick) question (?:is|about|regarding|for you)"
    r"|(?:not sure|don't know|do not know|can't figure out|no clue|don't understand|do not understand|unsure|can't find|couldn't find|can't see|need help)(?: exactly)? (?:how|what|why|when|where|if|whether|which|out how|out where)"
    r"|(?:not|n't) (?:sure|know|understand) (?:about|if|whether)|question (?:about|regarding|on)|i(?:'d| would) appreciate (?:some )?(?:info|information|details|to know)"
    r"|(?:looking for|need|want|like|get|have) (?:some )?(?:more )?(?:info|information|details|instructions|help|advice|clarification) (?:about|on|with|regarding|for|to)"
    r"|i hope (?:they|you|there|it)|make sure (?:they|that|it|there|you)|find out (?:if|how|what|whether|when)|heard (?:that )?(?:you|there))\b"
)
TAG_ONLY = re.compile(r"^(?:right|is it|isn't it|really|you know|okay|ok|yes|no|correct|what|who|pardon|sorry|huh|hello|does that make sense|is that so|is that right|is that correct)\W*$")

PROBLEM = re.compile(
    r"\b(?:can't|cannot|can not|couldn't|unable to|not able to|won't (?!be (?:long|needing))|wouldn't (?:let|start|work|turn|open|load|connect)|(?:doesn't|does not|don't|do not|didn't|did not|isn't|is not|aren't|not|never|stopped|quit|no longer|barely|hardly)(?: \w+){0,2}?"
    r" (?:work(?:s|ed|ing)?|start(?:s|ed|ing)?|load(?:s|ed|ing)?|open(?:s|ed|ing)?|connect(?:s|ed|ing)?|turn(?:s|ed|ing)?|respond(?:s|ed|ing)?|charg(?:e|es|ed|ing)|arriv(?:e|ed|ing)|receiv(?:e|ed|ing)|recogni[sz](?:e|es|ed|ing)|accept(?:s|ed|ing)?|sync(?:s|ed|ing)?|show(?:s|ing)?(?: up)?|appear(?:s|ed|ing)?|print(?:s|ed|ing)?"
    r"|updat(?:e|es|ed|ing)|download(?:s|ed|ing)?|install(?:s|ed|ing)?|send(?:s|ing)?|get(?:ting)? (?:any|my|the|a|through|in|it)|let(?:s|ting)? me|go(?:es|ing)? through|add up|match|function(?:s|ing)?|available|happen(?:s|ing)?|come(?:s)? (?:on|up|through)|delivered|been (?:delivered|paid|processed|refunded|received|credited))"
    r"|hasn't|haven't (?:received|gotten|got|arrived|heard|been)|has not|have not (?:received|gotten|been|arrived)|broken|broke|crash(?:es|ed|ing)?|fr(?:ee|o)z(?:e|es|ing|en)|hangs|fail(?:s|ed|ing|ure)?|stuck|declined|rejected|denied|blocked|locked(?: me)? out|logged out|kicked out|suspended|disabled|overcharged|double charged|charged (?:me )?(?:twice|double|again|for)|charged me|wrong (?!number)"
    r"|damaged|defective|faulty|leak(?:s|ing|ed)?|missing|lost|stolen|hacked|expired|disconnect(?:s|ed|ing)?|dropp(?:ed|ing)|drops|offline|no (?:signal|internet|connection|sound|picture|power|service|dial tone|hot water|response|reception|data|network|image|heat|heating)|blinking|flashing|beep(?:s|ing)|overheat(?:s|ing|ed)?|too (?:slow|hot|loud|high|expensive)|(?:very|really|so|extremely|super|awfully) slow|slow|lag(?:s|ging|gy)?|glitch(?:es|y|ing)?|bug(?:gy|s)?|error|corrupt(?:ed)?|invalid|timed? out|times out|black screen|blank|unexpected|fraud(?:ulent)?|scam|unauthori[sz]ed|late|delayed"
    r"|cancel(?:l)?ed|bounced|forgot(?:ten)?|cracked|torn|scratched|noisy|weird noise|smells?|smoke|sparks?|(?:an? |the |this |some |having |have |is |big |same )(?:issue|issues|problem|problems|trouble|troubles)|trouble \w+ing|(?:went|gone|going|goes) (?:out|down|dead|wrong|off|missing)|(?:is|are|was|been|still|totally|completely) (?:down|dead|out|off|wrong|empty|gone|red|locked|restarting|rebooting)|keeps? (?:on )?\w+ing|messed up|mistake|incorrect(?:ly)?|nobody|no one (?:has|is|ever|came|called)|never (?:came|showed|got|received|arrived|called)|short(?:ed)? me|something(?:'s| is) (?:up|off|wrong))\b"
)
NO_PROBLEM = re.compile(
    r"\b(?:no|not a|without(?: any)?|isn't a|not any|any other|any more) (?:big )?(?:problem|problems|issue|issues|trouble|error|worries)\b|\bno (?:worries|rush|hurry)\b|\bcan't (?:wait|complain|thank|remember|hear you|think of anything|believe)\b|\bcouldn't (?:hear|catch|be happier|agree)\b|\bdon't (?:worry|mind|bother|need)\b|\bnot (?:right now|at the moment|really|that i know|yet)$|\bsorry (?:i'm|i am|for being) late\b|\bdon't have (?:it|that|the|one|any)\b|\bi(?:'m| am) not (?:in front|near|at)\b"
)
RESOLVED = re.compile(
    r"\b(?:(?:it|that|this|everything|now it)(?:'s| is)? (?:works?|worked|working|fixed|solved|resolved|did it|did the trick|is back|went through)(?: now| again| perfectly| fine)?|(?:that|it) (?:fixed|solved|helped|answers|answered)|never ?mind|problem solved|all (?:set|sorted)|i(?:'m| am) in now|working (?:now|again|fine|perfectly)|works (?:now|again|fine|perfectly)|that's (?:all|everything)(?: i needed)?|i'm all set|i'm good)\b"
)
STILL_BROKEN = re.compile(r"\b(?:not|n't|never|still|nothing|no longer|unless|until|but)\b")

WISH = re.compile(
    r"\b(?:i(?:'d| would) (?:really |also |just |rather )?(?:like|love|prefer|need|want)|i (?:really |just |also |actually |only |still |do )?(?:want|wanted|need|needed|wanna|wish)|we (?:want|need|would like|'d like)|we'd like|i(?:'m| am|'ve been| was) (?:just |also |really |currently |still )?(?:looking (?:for|to|at|into)|trying to|hoping|planning|calling (?:to|about|because|for|regarding)|interested in|going to need|thinking (?:of|about)|considering)|looking to|looking for|(?:help|assist) (?:me|us)|i have to|i've got to|i gotta)\b"
)
EMPTY_WISH = re.compile(
    r"\b(?:like|want|wanted|need|love) to (?:thank|say|tell you|apologi[sz]e|hang up|speak|talk)\b|\b(?:that's|this is) (?:all|everything|what) i (?:need|needed|want|wanted)\b|\bi(?:'d| would) (?:like|love) that\b|\b(?:speak|talk) (?:to|with) (?:a|your|the|some|an) (?:manager|supervisor|human|person|real|agent|representative|someone|somebody)|\bi(?:'d)? need (?:a|one|just a) (?:second|sec|moment|minute)\b"
)
IMPERATIVE = re.compile(
    r"^(?:please |just |can you )?(?:cancel|reset|refund|change|update|reschedule|return|exchange|replace|transfer|activate|deactivate|upgrade|downgrade|unlock|block|remove|delete|add|give me|send me|provide|extend|renew|track|send|resend|close|open|book|schedule|tell|explain|show|find|help|check|connect|disconnect|set up|turn (?:on|off)|switch)\b (?!you\b|me know\b)"
)

SMALL_TALK = re.compile(
    r"\b(?:how are you(?: doing)?|how(?:'s| is) (?:it going|your day|your week|everything|the weather|things)|how have you been|nice (?:to (?:meet|talk|speak|hear)|talking|weather|speaking)|what(?:'s| is| was) your name|who am i (?:speaking|talking) (?:to|with)|who is this|can you hear me|are you (?:still )?(?:there|here|a (?:robot|real|bot|human|person|machine))|do you hear me|(?:can|could|would) you (?:please )?(?:repeat|say) (?:that|it)|say (?:that|it) again|come again|what did you say|what was that|i didn't (?:catch|hear|get) (?:that|you)|pardon me|(?:^|you |and )have a (?:good|great|nice|lovely|wonderful|blessed)|where are you (?:from|located|based)|how(?:'s| is) the weather|what(?:'s| is) the weather|happy (?:holidays|new year|birthday)|merry christmas|do you have a (?:minute|moment|second)|can i put you on|is this (?:a )?(?:good|bad) time|give me (?:a|one|just a) (?:second|sec|moment|minute)|bear with me|let me (?:see|check|look|find|get|grab|think|go|pull)|how may i help|how can i help|what can i (?:do|help)|take your time|did you (?:get|hear) that|do you need (?:my|anything)|what (?:else )?do you need|you (?:too|as well)|are you busy|long day)\b"
)
INFORM = re.compile(
    r"^(?:(?:my|the) (?:full |first |last |middle |email |e-mail |phone |account |order |booking |mobile |home |billing |zip |postal |date of |reference |confirmation |ticket |case |customer |policy |serial )*(?:name|number|address|email|e-mail|birth|birthday|code|id|zip)(?: address| number)?(?:'s| is| was)\b|(?:this|it) is \w+(?: \w+)?(?: (?:speaking|here|calling))?$|i(?:'m| am) [a-z]+ [a-z]+$|it's (?:spelled|under|for|in)\b|it's [\w\s.@-]{0,40}$|(?:yes|no|yeah)?[, ]*(?:that's|it's|its) (?:correct|right|\d|[a-z] [a-z])|(?:and |my )?(?:the )?(?:zip|post) ?code|born|spelled|that's [a-z] (?:as|like)|\d[\d\s.-]*$)"
)
"""Identification and plain facts."""

AGENT_CONFIRMS = re.compile(
    r"^(?:you(?:'d| would) like|you(?:'re| are) (?:trying|looking|asking|calling|hoping|interested|having (?:trouble|problems|issues))"
    r"|you (?:want|wanted|wish|mean)\b|(?:do|did) you (?:want|mean)\b|are you (?:trying|looking|calling|asking)|it sounds like"
    r"|if i understand|what i'm hearing|(?:is this|is it|this is|it's) about|your question is|would you like to know"
    r"|you (?:can't|cannot|need|have|lost|forgot|got|were)\b[^?]{1,200}\?$)"
)
"""A sentence in which the agent sums up what the customer wants."""
AGENT_OPENS = re.compile(
    r"\b(?:how (?:may|can|could) i (?:help|assist)|what can i (?:do|help)|what seems to be|what(?:'s| is) (?:going on|the (?:problem|issue|matter|trouble)|wrong)|what(?:'s| is) happening|what happened|what brings you|how can we help|tell me what)\b"
)
"""The agent invites the customer to say what the call is about."""
NOUN_START = re.compile(r"^(?!(?:i|i'm|i've|we|we're|this|my name|it's|it|you|he|she|they|yes|no|not)\b)(?!.*\b(?:this is|my name|name's|speaking|calling from)\b)")
"""An elliptic report: "internet down since yesterday"."""
BRIDGE = re.compile(r"\b(and|but|so|then|also|or)[ ,]*$", re.IGNORECASE)
"""The last word of a lead-in that ties the utterance to the one before."""
AGENT_ASKS_IDENTITY = re.compile(
    r"\b(?:your (?:full |first |last |billing |home |email |e-mail )*(?:name|address|email|e-mail|birth|birthday|zip|post)|date of birth|(?:order|account|phone|mobile|ticket|case|booking|reference|customer|policy|card|contract|social security|callback|confirmation|tracking|invoice) (?:number|id|holder)|verify|security question|last four|spell|who am i speaking|best number|how many (?:people|tickets|guests|nights|days)|what (?:day|time|date)|anything else|can i help you with)\b"
)
AGENT_ASKS_DETAIL = re.compile(
    r"\b(?:error|message|version|model|device|product|which|what (?:happens|exactly|kind|type|does|do you see|are you|is it|app|phone|browser|model|product|colou?r|light)|what's (?:happening|going on|wrong|the (?:problem|issue|error|message|model|version))|when (?:did|does)|since when|how long|are you (?:using|getting|seeing|on)|do you (?:see|get|have)|does it|is it|is the|have you tried|operating system|lights?|describe|tell me more|can you explain|more specific)\b"
)
HOLD = re.compile(
    r"\b(?:let me (?:check|look|see|pull|find|verify|get|confirm)|one (?:moment|second|sec|minute)|just a (?:moment|second|sec|minute)|bear with me|hold on|hang on|give me a (?:moment|second|minute)|i'll (?:check|look|see|find|get))\b"
)
AGAIN = re.compile(r"\b(?:again|one more time|once more|repeat (?:that|it|the)|remind me|go over (?:that|it)|what was (?:that|it|the))\b")
"""Asks explicitly for what has been said already."""
