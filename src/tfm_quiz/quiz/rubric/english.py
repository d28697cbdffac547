"""The English that vetoes and guards know: word lists, and regular expressions written a line an alternative."""

from __future__ import annotations

import re


def words(text: str) -> frozenset[str]:
    """A set of words."""
    return frozenset(text.split())


def any_of(lines: str) -> re.Pattern[str]:
    """A pattern that matches one of the lines; blanks at the ends of a line don't count."""
    return re.compile("|".join(line.strip() for line in lines.strip().splitlines()))


def one_of(lines: str) -> re.Pattern[str]:
    """The same, beginning at a word."""
    return re.compile(rf"\b(?:{any_of(lines).pattern})")


# Words that stand between the contents of a sentence. Their share tells a sentence from a list of words.
FUNCTION_WORDS = words("""
    a an the this that these those it its they them their he she his her we us our you your i me my one who which what
    is are was were be been being am do does did done has have had having can could may might must shall should will
    would not no nor never to of in on at by for from with without into onto over under between through during after
    before above below up down out off about against as than then so such and or but if because since while whereas
    when where how why although though unless until both each every all any some many much more most few less least
    other another same own only also just even too very still already again there here rather instead per via
    cannot therefore thus hence otherwise let lets make makes made get gets give gives use uses used
""")
AUXILIARIES = words("is are was were be can could will would may must should does do has have means equals")

PLAIN_VERBS = words("""
    need needs take takes require requires suffice suffices cost costs grow grows attend attends look looks see sees
    come comes learn learns depend depends map maps keep keeps hold holds stay stays differ differs predate belongs
""")

# Of German, French, Spanish, Italian, Swedish and Dutch, without words that are English too.
FOREIGN_WORDS = words("""
    der das und ist nicht ein eine mit von zu dem sich auf für werden wird durch bei oder aber kann
    les du et est une un dans pour que qui pas par sur avec sont plus cette ces il elle au aux
    el los las es en para con una del como su lo di che non sono dei delle della nel
    och att som på är det av till med inte een het van niet dat zijn voor
""")

# Words after which what was denied, or put in another's mouth, is over.
TURNS = words("but however yet instead rather actually")
TURNING = ("in fact", "in reality", "in truth")

# What cannot follow what in English: enough of it, and the words of a sentence were shuffled.
ARTICLES = words("the a an")
NEVER_AFTER_ARTICLE = words("""
    the a an of is are to and in with for by from as that it be was has have or which into at on can will does do so
    not they we its their because if when then
""")
PREPOSITIONS = words("of with from into by at for")
NEVER_AFTER_PREPOSITION = words("is are of and was by to or be with from has have")
CONJUNCTIONS = words("and or but")
NEVER_AFTER_CONJUNCTION = words("and or of than")
VERBS_TO_BE = words("is are was were")
NEVER_AFTER_TO_BE = words("is are was were of has have does do and or can will")
MODALS = words("can could will would may might must should")
NEVER_AFTER_MODAL = words("the a an of and or in to for by from with is are was its their that which at")
NEVER_AFTER_TO = words("is are was of and or can will has have from by at in")
NEVER_LAST = words("the a an and or by from into which than its their is are was be to of with that can will has")
NEVER_FIRST = words("of than or is are was")

CAPITAL_INSIDE = re.compile(r"(?<=[a-z] )(?:The|An|It|Each|With|They|As|For|In|This|That|If|So|And|Of|By)(?= [a-z])")

# --- negation
NEGATORS = words("""
    not never no none neither nor hardly barely nothing nobody nowhere unable incapable wrong wrongly false falsely
    stop stops lose loses refuse refuses forget forgets fail fails failed cease ceases
""")
WITHOUT = words("without lacking lack lacks missing absent")
INSTEAD = re.compile(r"\b(?:rather than|instead of|in place of|as opposed to|in contrast to|unlike|far from)\b")
# Verbs through which a negation reaches on: "does not allow the heads to attend ...".
CARRIERS = words("""
    allow allows let lets enable enables help helps make makes cause causes force forces permit permits mean means
    imply implies lead leads result results require requires need needs want wants try tries seem seems matter ensure
    ensures guarantee guarantees able possible true case think believe say claim because reason purpose goal necessary
    needed required supposed meant used used there have has had give gives given get gets should do does be by been in
""")
NOUN = re.compile(r"(?:tion|ence|ance|ment|ity|ness|ing|ism)s?$")
NEW_CLAUSE = words("which that who it they we this without if when as what where")
IF = words("if unless when")
# Idioms with a negation that deny nothing of what follows.
IDIOMS = re.compile(one_of(r"""
    not only
    not just
    not merely
    not simply
    no matter
    without regard
    no less
    nothing but
    no problem
    not to mention
    no more than
    whether or not
    or not
    no longer than
    not least
    if not
    why not
    not that (?:much|many|different|hard|easy|difficult|long|large|big|small|bad|good|important|simple|clear)
    not surprising\w*
    not necessarily
""").pattern + r"\b")  # fmt: skip
# A value of code: "where the mask is False" takes nothing back.
LITERAL = re.compile(
    r"\b((?:where|wherever|when|if|whose|entries|entry|mask|bit|flag|value) (?:\S+ ){0,4}?(?:is|are|was|be|=)) false\b"
)
DENIED = one_of(r"""
    (?:not|never|hardly) (?:(?:at all|really|quite|entirely|exactly|always|actually|even) )?(?:true|correct|right|so)\b
    (?:not|never|hardly) (?:(?:at all|really|quite|entirely|exactly|always|actually|even) )?(?:the case|accurate|a fact)
    (?:not|never|hardly) (?:(?:really|quite|actually|even) )?(?:mean|believe|think|agree|say)\b
    (?:false|wrong|incorrect|untrue|mistaken|inaccurate|absurd)(?: that| to (?:say|think|believe|claim|assume)|:)
    (?:a mistake|an error|a myth|a misconception|a lie)(?: that| to (?:say|think|believe|claim|assume|suppose)|:)
    (?:myth|misconception|mistake|error|fallacy|misunderstanding|wrong idea|false claim|false belief|a lie|folklore)\b
    (?:rumour|rumor|fairy tale|tale|legend|misreading|superstition|urban myth|hoax) (?:that|is that|to|of)\b
    (?:unfounded|baseless|groundless)\b
    by no means
    under no circumstances
    contrary to
    i (?:doubt|deny|disagree|reject)
    nobody (?:should|would) (?:\w+ )?(?:think|believe|say|claim|assume)
    no evidence
    no truth
    in no way
""")
# What is denied stands before a colon, and the truth behind it: "it is wrong that ...: ...".
TRUTH = words("it they this that these those he in instead actually rather")  # begin what stands behind the colon
DENIES_WHOLE = re.compile(
    r"\b(?:not|wrong|false|untrue|incorrect|myth|mistake|error|case|true|correct) that (?:\S+ ?){3,}$"
)
# "It is not the mask that ...", "nor is it ...": all of the clause is denied.
CLEFT = re.compile(
    r"(?:it|this|that) (?:is|was) (?:not|never|hardly) (?!only|just|merely|surprising|clear|enough|until|without)"
    r"(?:(?! but ).){3,60}? (?:that|who|which)\b"
    r"|(?:is|was) not that (?!(?:much|many|different|hard|easy|large|small|bad|good|important|simple|clear)\b)"
    r"|^(?:and |but )?nor (?:is|are|was|were|do|does|did|can|will|would|has|have)\b"
)
TAKEN_BACK = one_of(r"""
    (?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:false|wrong|incorrect|untrue|mistaken|invalid|nonsense)\b
    (?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:not true|not correct|not right|not the case|rubbish)\b
    (?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:no problem|not a problem|no issue|harmless)\b
    (?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:a |an |pure |mere )?(?:myth|misconception|mistake|lie)s?\b
    (?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:a |an |pure |mere )?(?:error|legend|fiction|hoax)s?\b
    (?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:a |an |pure |mere )?(?:rumou?r|misunderstanding)s?\b
    (?:is|are|was|were|would be|being|sounds|all) (?:\w+ )?(?:a |an |pure |mere )?(?:folklore|misreading|tale)s?\b
""")
# "Dropout should not be used": what follows right after a thing that is merely named.
NOT_AFTER = re.compile(
    r"(?:(?:is|are|was|were|should|must|can|could|may|do|does|did|will|would|need|has|have) )?(?:not|never)\b"
    r"(?! (?:only|just|merely|the only))"
)

# "The values are not averaged": the same after several matched words, where only a verb can turn them.
VERB_NOT_AFTER = re.compile(
    r"(?:(?:of|in|for|with|over|on|at|by) (?:(?:the|a|an|each|all|every) )?\S+ "
    r"|(?!(?:and|or|but|to|from|that|which|so|it|he|she|i|you|one|they|we|who|where|when|because|as|if|otherwise|the|a|an)"
    r"\b)\S+ ){0,8}?"
    r"(?:is|are|was|were|should|must|can|could|may|do|does|did|will|would|has|have) (?:not|never)\b"
    r"(?! (?:only|just|merely|the only))"
)

# --- other people's words
REPORTED = one_of(
    r"""
    (?:some|many|most|other|certain|several) (?:\w+ )?(?:say|claim|think|believe|argue|assume|suppose|write|state)\b
    (?:some|many|most|other|certain|several) (?:\w+ )?(?:assert|hold|object)\b
    (?:people|others|students|someone|somebody|they|everyone|everybody|one|you|critics|beginners|he|she|folks|blogs) """
    + r"""(?:(?:often|sometimes|wrongly|falsely|mistakenly|might|may|could|would|will|tend to|used to|like to) ){0,2}"""
    + r"""(?:claim|think|believe|argue|assume|assert|suppose|object|thought|believed)(?:s|ed)?\b
    it (?:is|was|has been) (?:\w+ )?(?:said|claimed|believed|thought|rumoured|rumored|argued|alleged)\b
    it is (?:\w+ )?assumed\b
    it (?:is|was|has been) (?:often|sometimes|widely|commonly) (?:repeated|written|told|heard|quoted|stated)\b
    (?:often|sometimes|widely|commonly) (?:quoted|cited|portrayed|described|misquoted) as (?:saying|claiming)\b
    (?:some|many|most|other|certain|several) (?:\w+ )?(?:insist|maintain|swear|repeat|pretend|imagine|tell)\b
    (?:text)?(?:books?|blogs?|tutorials?|articles?|posts?|colleagues?|friends?|professors?|teachers?|slides|notes) """
    + r"""(?:\w+ )?(?:asserts?|asserted|claims?|claimed|says?|said|states?|stated|writes?|wrote|tells?|told|argues?)\b
    (?:blogs?|tutorials?|articles?|posts?|forums?|colleagues?|friends?) (?:\w+ )?(?:recommends?|suggests?|advises?)\b
    (?:someone|somebody|people|a friend|they) (?:\w+ )?(?:told|tell|repeat|repeats|repeated|say|says|said)\b
    (?:another|others|a second one|a third one) (?:\w+ )?(?:claims?|says?|said|states?|writes?|wrote|argues?|insists?)\b
    (?:like|likes|love|loves|tend|tends) to (?:say|claim|repeat|tell|believe|think)\b
    (?:widespread|common|popular|persistent|well known|usual) (?:story|tale|belief|rumou?r|opinion|superstition)\b
    (?:you|one) (?:often |sometimes |frequently |will |may |might )?(?:hears?|reads?) (?:often |sometimes )?that\b
    (?:so called|allegedly|supposedly|according to (?:some|a|an|one|my))\b
    (?:not sure (?:if|whether|that)|no idea (?:if|whether)|i wonder|unclear (?:if|whether))\b
    (?:idea|belief|claim|notion|theory|rumour|rumor) (?:is )?that\b
"""
)
CANNOT_SAY = re.compile(r"\bi (?:really |just )?(?:can not|could not|do not) (?:really )?(?:say|tell|know|remember)\b")
# What follows a list of things and a colon, and stands up for them: "dropout, smoothing, warm-up: all of these help".
ENDORSED = one_of(
    r"(?:worth|useful|helpful|good|recommended?|improves?|helps?|should be (?:used|added|tried)|i would)\b"
)
DENIAL_WORD = one_of(r"""
    (?:mistaken|wrong|false|incorrect|untrue|true|correct|right|nonsense|rubbish|lie|lied|lies|myth|opposite)\b
    (?:joking|kidding|case|disagree|reject|deny|not|misconceptions?|mistake|error|invalid|folklore|fiction)\b
    (?:legends?|myths)\b
    (?:rumou?rs?|misreadings?|misunderstandings?|no such thing|neither|none of|not so|did not|hold|holds)\b
""")
LATER_DENIAL = re.compile(
    r"^(?:but |and |however |yet |of course |in fact |actually |in reality )*"
    r"(?:they|this|that|these|those|it|he|she|all|none|everything|nothing|people|such (?:claims|people|ideas)|neither"
    r"|both|the (?:above|opposite|contrary|reverse|previous|preceding)|i)\b.{0,60}?\b"
    r"(?:mistaken|wrong|false|incorrect|untrue|not true|not correct|not right|nonsense|rubbish|a lie|all lies|lied|myth"
    r"|is true|are true|is correct|are correct|opposite|joking|kidding|not the case|disagree|reject|deny|not what"
    r"|misconceptions?|myths|folklore|fiction|legends?|rumou?rs?|tales?|misreadings?|misunderstandings?)\b"
    r"|^(?:but |and |however |so |yet )*(?:none|neither|nothing|no such)\b.{0,40}"
    r"\b(?:holds?|happens?|so|applies|occurs?)\b"
)
EXCLAIMS = re.compile(  # "Nonsense: ..." denies what stands before it, whatever it goes on to say
    r"^(?:nonsense|rubbish|bullshit|wrong|false|not so|not true|far from it|no way|untrue|incorrect|no they are not"
    r"|(?:it|they|that|this) (?:do|does|did) not(?= (?::|(?:it|they|in|he|all|the)\b)|$)"
    r"|(?:but )?none of (?:it|that|this|these|them|those) (?:is|are|was|were|holds?|applies|happens|stands?))\b"
    r"|\b(?:that|this|which|both|all of (?:it|this|that|them)) (?:is|are|was|were) (?:\w+ )?"
    r"(?:nonsense|rubbish|untrue|false|wrong|incorrect|mistaken)$"
)
AFFIRMS = re.compile(
    r"^(?:but |and |however )*(?:this|that|these|those|it|all|everything|both|they)\b.{0,40}\b(?:is|are) "
    r"(?:true|correct)\b"
)
WHOLE = one_of(
    r"(?:all|none|everything|nothing|neither|above|previous|preceding|these|those|opposite|contrary|reverse)\b"
)
TRUE_AGAIN = re.compile(r"(?:what (?:is|really) |in (?:reality|fact|truth)|the truth|actually|really|rather|instead)")
AHEAD = one_of(r"""
    (?:following|below|what follows|this|these|lies|every sentence here|the rest)\b
    next (?:sentence|statement|sentences|statements)\b
""")

# --- what is only imagined
CONDITION = re.compile(
    r"^(?:(?:but|and|so|now|well|then|likewise) )?(?:if|suppose|supposing|imagine|assume|assuming|had|were)\b"
)
INVERTED = re.compile(r"^(?:(?:but|and|so) )?(?:had|were)\b")  # "had the authors used ...": surely not the case
WOULD = re.compile(r"\b(?:would|could|might)\b")
UNLIKE_THAT = re.compile(  # what follows an imagined case and says that it is not the real one
    r"^(?!(?:that|this|it) is (?:since|because|why|due|what|how)\b)"
    r"(?:but|however|yet|since|as|because|though|although|luckily|fortunately|actually|they|the|this|it|that|instead"
    r"|in (?:reality|fact|truth|practice))\b.{0,80}?\b(?:no|none|in (?:reality|fact|truth)|actually|instead|never"
    r"|neither|not|only (?:a|one)|stays?|remains?|retains?|retained|always|still|against|nothing|no longer)\b"
    r"|^(?:luckily|fortunately|in (?:reality|fact|truth)|as (?:things|it|matters) (?:are|is|stand|stands))\b"
)
HARM = words("could can allowed able")  # "if it could see ..., it would copy" says what the real thing prevents
TURNS_AWAY = re.compile(r"^(?:but|however|yet|though|they|instead|in (?:reality|fact|truth))\b")

# --- talking to whoever grades
SPEAKS_TO_GRADER = any_of(
    r"""
    \b(?:ignore|disregard|forget|override|bypass|skip) (?:\w+ ){0,3}(?:instructions?|rubric|rules?|prompt)\b
    \b(?:ignore|disregard|forget|override|bypass|skip) (?:\w+ ){0,3}(?:criteria|grading|pattern|patterns)\b
    \b(?:full|maximum|max|all|highest|top|perfect|every|100) (?:of )?(?:the |available |possible )?(?:marks?|points)\b
    \b(?:full|maximum|max|perfect|100) (?:of )?(?:the |available |possible )?(?:score|scores)\b
    \b(?:full|maximum|max|all|highest|top|perfect|extra) (?:of )?(?:the |available |possible )?(?:credit|grade|grades)\b
    \b(?:marks?|set|report|count|treat|score|grades?|tick) (?:\w+ ){0,5}(?:as )?(?:found|present|correct|true)\b
    \b(?:mark|report|count|treat|score|grade|grades|tick) (?:\w+ ){0,5}(?:as )?(?:complete|full|passed|satisfied)\b
    \b(?:label|consider|rate|evaluate) (?:\w+ ){0,5}as (?:found|present|correct|true|complete|full|passed)\b
    \bgrade (?:\w+ ){0,5}(?:accepted|generously)\b
    \b(?:award|grant|assign|deduct|give) (?:\w+ ){0,5}(?:points|mark|marks|credit|grade|grades)\b
    \b(?:award|grant|give) (?:me|us|it|this|my|him|her|them) (?:\w+ ){0,5}(?:score|scores)\b
    \b(?:award|grant|give|assign) (?:\w+ ){0,3}(?:high|top|best|good|perfect|full|maximum) scores?\b
    \b(?:points|marks|items|boxes|ideas|rubric) (?:are|is|were|have been|has been|must be|should be|to be) """
    + r"""(?:\w+ ){0,2}(?:granted|satisfied|found|present|awarded|accepted|met|fulfilled)\b
    \b(?:grader|graders|grading|rubric|autograder|examiner|key_points?|marking|marker of this)\b
    \bkey points? (?:\d|as|are|is|to|found|present|have|id)\b
    \b(?:system|assistant|user|admin|developer) ?:
    \[ ?/?(?:system|inst|assistant) ?\]
    < ?/? ?(?:system|answer|student_?answer|prompt|instructions?|user|assistant) ?>
    <\|
    \b(?:as|are|being|act as) (?:now )?(?:a|an|the) (?:\w+ ){0,2}(?:language model|ai|chatbot|llm|teaching assistant)\b
    \b(?:as|are|being|act as) (?:now )?(?:a|an|the) (?:\w+ ){0,2}(?:teacher|grader|assistant)\b
    \b(?:ai|language|marking) (?:grader|model marking)\b
    \byou (?:are|will|must|have to|should|are required to|are now) (?:\w+ ){0,3}(?:mode|grade|award|mark|score|accept)\b
    \byou (?:will|must|have to|should|are required to) (?:\w+ ){0,3}(?:give|output|deduct|respond|reply)\b
    \b(?:output|respond|reply|answer|return|print) (?:only|with|just|exactly)? ?(?:the word |this |the following )?["'{]
    \b(?:this|the|my) (?:answer|submission|student|solution) (?:is (?:correct|complete|perfect|fully)|deserves|covers)\b
    \b(?:this|the|my) (?:answer|submission|student|solution) (?:contains all|should (?:get|receive)|answered|gets)\b
    \b(?:this|the|my) (?:answer|submission|student|solution) (?:has been verified|states that|says that)\b
    \b(?:official|final|fixed) (?:grade|score|mark)\b
    \b(?:highest|maximum) (?:grade|mark)\b
    \bscore for this\b
    "?\b(?:score|grade|verdict|points)"? ?: ?"?(?:\d|found|pass|full)
    \b(?:stop|do not|don't|without) (?:read|reading|evaluat|look at the rest|deduct)\w*\b
    "[abc]\d{1,2}\.\d"
    \b(?:begin|end) (?:result|answer|grading)\b
    \b\d (?:out )?of \d points\b
"""
)
