### Interface texts: English. Grouped by page; the keys equal those of zh-CN.ftl.

## Frame
brand = Sunshine Vote
skip = Skip to content
menu = Main menu
crumbs = You are here
demo-banner = Demo: the people are invented and the demo server keeps their keys.
demo-choose = Take a role
switch-language = 中文
switch-elder-on = Large print
switch-elder-off = Leave large print
elder-sizes = Size of the text
elder-size-1 = Large
elder-size-2 = Larger
elder-size-3 = Largest
nav-home = Home
nav-check = Check
nav-help = Help
nav-tasks = My tasks
nav-login = Log in
nav-logout = Log out
nav-settings = Language and text size
foot-say = What the village decides is done in the open, step by step; what is done, nobody can change.
foot-check = Check it yourself
foot-phone = In doubt, phone the district inspector:
list-and = {" and "}
list-comma = {", "}
date-to = {" to "}
name-hidden = (name not public)
unnamed = no name given
pager = Pages
pager-earlier = Previous
pager-later = Next
pager-page = Page { $page } of { $pages }

## The six steps
six-steps = The six steps
stage-1 = Suggestion
stage-2 = Proposal
stage-3 = Discussion
stage-4 = Filing
stage-5 = Vote
stage-6 = Oversight
stage-full-1 = Suggested by party members and villagers
stage-full-2 = Proposed by the village party branch
stage-full-3 = Discussed in the joint meeting
stage-full-4 = Reviewed and filed by the township
stage-full-5 = Voted on by the villagers’ representatives
stage-full-6 = Watched by the supervision committee
stage-who-1 = party members and villagers
stage-who-2 = the party branch
stage-who-3 = the joint meeting
stage-who-4 = the township
stage-who-5 = the representatives
stage-who-6 = the supervision committee
stage-say-1 = Party members and villagers bring up what they want: online, in the paper box, or when somebody visits.
stage-say-2 = The party branch drafts a plan and hears those who attend its enlarged meeting.
stage-say-3 = The joint meeting talks it over; households are visited and each opinion is answered. The settled plan is posted.
stage-say-4 = The township reviews it, and files it or sends it back with its reasons.
stage-say-5 = The representatives meet and vote; votes are counted and the result is announced on the spot.
stage-say-6 = The result is posted and objections are answered. The committee watches the work, the money and the finished thing.
mark-done = Done
mark-now = Under way
mark-now-short = Now
mark-ahead = Not begun
mark-stopped = Ended here
mark-sealed = Completed
emblem-label = Step { $number } of six: { $stage }. { $outcome }
digit-1 = 1
digit-2 = 2
digit-3 = 3
digit-4 = 4
digit-5 = 5
digit-6 = 6
step-number = Step { $n }
outcome-underway = Under way
outcome-paused = Waiting for a supplement
outcome-returned = Sent back
outcome-no-quorum = Too few present
outcome-passed = Passed, being carried out
outcome-completed = Completed
outcome-rejected = Not passed
outcome-withdrawn = Withdrawn
outcome-annulled = Annulled
outcome-voided = Vote void
outcome-disclosed = Disclosed (no vote needed)

## The ten categories
category-m01 = Development plans, annual plans, village construction plan
category-m02 = Public works: funding, labour and contracting
category-m03 = Who receives lost-work allowance, and how much
category-m04 = Use of the collective’s income
category-m05 = Land contracting plan
category-m06 = Collective projects: approval and contracting
category-m07 = Homestead use plan
category-m08 = Land compensation: use and distribution
category-m09 = Disposal of collective property by loan, lease or otherwise
category-m10 = Other matters of vital interest to village or villagers
category-short-m01 = Plans
category-short-m02 = Public works
category-short-m03 = Lost-work allowance
category-short-m04 = Collective income
category-short-m05 = Land contracting
category-short-m06 = Collective projects
category-short-m07 = Homesteads
category-short-m08 = Land compensation
category-short-m09 = Collective property
category-short-m10 = Other vital matters

## Roles
role-public = The public
role-villager = Villager
role-representative = Representative
role-branch-secretary = Party branch secretary
role-chair = Village committee chair
role-clerk = Clerk
role-recorder = Recorder
role-caller = Vote caller
role-counter = Vote counter
role-scrutineer = Scrutineer
role-scribe = Scribe
role-group-leader = Group leader
role-grid-worker = Grid worker
role-supervision-committee = Supervision committee member
role-township-official = Township official
role-township-drafter = Township officer (drafts)
role-township-approver = Township officer (approves)
role-township-discipline-officer = Township discipline officer
role-discipline-inspector = District discipline inspector
role-district-admin = District administrator
role-observer = Observer
role-committee-member = Village committee member
role-operator = Operator
role-log = The system
role-root = District root key

## Sessions
body-representative-assembly = Assembly of villagers’ representatives
body-villagers-assembly = Villagers’ assembly
body-members-assembly = Members’ assembly
body-members-representatives = Assembly of members’ representatives
body-group-meeting = Villager group meeting
mode-named = Vote by name
mode-paper-secret = Secret paper ballot
mode-encrypted = Encrypted vote
session-voting-now = Voting now
session-called = Called
profile-representative-assembly = Assembly of villagers’ representatives
profile-representative-assembly-zhejiang = Assembly of villagers’ representatives (Zhejiang)
profile-collective-representatives = Assembly of members’ representatives
profile-villager-group = Villager group meeting
profile-collective-assembly = Members’ assembly
profile-villagers-assembly = Villagers’ assembly
base-present = those present
base-members = all members
share = { $num ->
    [1] { $den ->
        [2] half
        [3] one third
        [5] one fifth
        [10] one tenth
       *[other] { $num }/{ $den }
    }
    [2] { $den ->
        [3] two thirds
       *[other] { $num }/{ $den }
    }
    [3] { $den ->
        [4] three quarters
       *[other] { $num }/{ $den }
    }
   *[other] { $num }/{ $den }
}

## Notices
notice-plan = Plan posted
notice-resolution = Resolution posted
notice-session = Call to a session
notice-progress = Progress posted
notice-withdrawal = Notice of withdrawal
notice-posted = Posted { $date }
notice-open-until = objections until the end of { $date }
notice-ended = ended { $date }
notice-heading-plan = Notice of plan
notice-heading-resolution = Notice of resolution
notice-heading-session = Call to a session
notice-heading-progress = Notice of progress
notice-heading-withdrawal = Notice of withdrawal
notice-papers = Papers
notice-objections = Objections may be brought to the supervision committee or the village committee until the end of { $date }.
notice-scan = Scan to see all papers
notice-checkpoint = State of the record (for comparison)
notice-print-title = Print for the board
notice-print-say = Use your browser’s print command on A4 or A3. The QR code stays on the sheet and leads to all papers of this matter.
notice-print-go = Print
notice-loudspeaker = For the loudspeaker
notices-title = Notice board
notices-say = Whatever was posted on the village board is here too.
notices-open = Posted now
notices-open-none = Nothing is posted at the moment.
notices-past = Earlier notices
notices-past-none = No earlier notices yet.

## Front page
front-title = The village’s big decisions, vote by vote
front-say = Ten kinds of decisions, six steps, each in the open from suggestion to oversight. Every step is signed, can’t be changed afterwards, and can be checked by anyone.
search-label = Find your village
search-example = village name, such as 黄泥墩
search-go = Search
front-sessions = Voting now and coming up
front-sessions-none = No session is called at the moment. A call is posted here at least three days before.
front-results = Newest results
front-results-none = No results yet.
front-townships = By township
front-villages = villages
front-underway = under way
front-decided = decided
villages-n = { $n ->
    [one] { $n } village
   *[other] { $n } villages
}
underway-n = { $n } under way
underway-none = Nothing under way
township-none = No village is registered here yet.

## Search
search-heading = Search
search-title = Search for “{ $query }”
search-none = Nothing found for “{ $query }”.
search-none-do = Try just two characters of the name, such as 泥墩, or look under the townships.
search-all-townships = All townships
search-villages = Villages ({ $n })
search-matters = Matters ({ $n })

## Village
village-members = assembly of { $n }
village-sessions = Coming sessions
village-underway = Under way
village-by-stage = By step
village-stage-none = Nothing stands at this step.
village-stage-all = Show all
village-underway-none = Nothing is under way. Any party member or villager can make a suggestion.
village-board = Notice board
village-board-none = The board is empty at the moment.
village-board-all = The whole board
village-ended = Finished
village-ended-none = Nothing is finished yet.
village-ended-all = Everything that is finished
village-offices = Who does what
village-offices-none = The offices of this term are not on record yet.
village-term = Term: { $from } to { $to }
village-cover = (covered until { $date })
village-record-title = The whole record of this village
village-record-say = Every step is kept in one book in its order, each page locked to the one before, so that changing a single word would show. You can download the whole book and check it yourself.
village-record-go = See the record

## Matter
matter-at = Step { $number } · { $stage }
matter-reason = Reason:
matter-emergency = Done in an emergency, to be ratified
matter-facts = Key facts
matter-amount = Amount
matter-category = Category
matter-brief = The plan in brief
matter-result = Result of the vote
matter-result-more = See every count and the rule
matter-print = Print the notice
next-session = vote on { $when }
next-voting = voting until { $when }
next-notice = posted until the end of { $date }
next-due = due by { $date }
next-overdue = was due { $date }, overdue
next-ended = { $date }
held-on = (took place { $date })
late-entry = entered late
act-annulled = This entry was annulled: { $reason }
record-number = Record no. { $n }
correction = Correction
paper-closed = not open to you
paper-withdrawn = Withdrawn { $date }: { $reason }
paper-replacement = See its replacement
media-pdf = PDF
media-text = Text
media-image = Picture
media-audio = Sound
media-video = Video
media-file = File
level-public = public
level-village = for this village
level-officials = for officials
exchange-opinion = Opinion
exchange-suggestion = Suggestion
exchange-objection = Objection
exchange-interpellation = Question to the committee
exchange-concern = Concern
source-online = online
source-paper-box = paper box
source-household-visit = household visit
source-talk-session = talk session
source-meeting = at the meeting
answer = Answer
answer-waiting = Waiting for an answer
answer-due = due by { $date }
opinions-title = Opinions heard ({ $n })
objections-title = Objections and concerns ({ $n })
window-open = Posted now
window-over = Period over
window-days = Posted { $from } for { $days } days, until the end of { $to }. The day of posting does not count.
window-working = Posted { $from } for { $days } working days, until the end of { $to }. The day of posting does not count.
progress-title = Progress
progress-percent = { $n }% done
progress-paid = Paid so far: { $amount }
eligible = Members
present = Present
quorum-needed = Needed to meet
recused = Recused
ballot-session = See the whole session
question-waiting = Not open yet
question-open = Voting now
question-counting = Being counted
question-passed = Passed
question-rejected = Not passed
question-no-quorum = Too few
question-void = Void
question-open-until = Voting until { $when }. Nobody sees a count before that.
option-for = For
option-against = Against
option-abstain = Abstain
option-invalid = Invalid
votes-percent = { $percent }%
votes-needed = Of { $base }, { $needed } votes in favour were needed (at the upright line).
votes-none = { $n } present cast no vote.
votes-channels = By phone { $online }, at the terminal { $kiosk }, on paper { $paper }.
choices-show = See every vote ({ $n })
choices-title = Every vote
choices-caption = Votes by name, public after closing. The number is that on the roster.
choices-number = No.
choices-name = Name
choices-choice = Choice
choices-channel = How
channel-online = phone
channel-kiosk = terminal
channel-paper = paper
rule-title = The rule it was decided under: { $name }
rule-quorum-title = Who must be there
rule-quorum-say = Of { $eligible } members at least { $share } must be there: { $needed }.
rule-quorum-yes = { $present } were there: enough.
rule-quorum-no = { $present } were there: too few.
rule-threshold-title = What it takes to pass
rule-threshold-more = Votes in favour from more than { $share } of { $base }.
rule-threshold-reach = Votes in favour from at least { $share } of { $base }.
rule-abstain-counts = Those who abstain are part of that number.
rule-abstain-apart = Those who abstain are left out of that number.
rule-source-title = Source
rule-unconfirmed = The district has not confirmed these figures yet
check-self-title = Check it yourself
check-self-say = { $n } entries of the village’s record speak of this matter, each of them signed. The checker here, or software written by others, shows whether a step is missing or a word was changed.
check-self-go = Check now
check-self-record = The village’s record
do-suggestion-made = Make a suggestion
do-objection-made = Object
do-proposal-made = Propose
do-session-convened = Call a session
do-ballot-cast = Vote

## What was done (signed entries)
kind-suggestion-made = Suggestion made
kind-suggestion-received = Villager’s suggestion received
kind-proposal-made = Plan proposed by the party branch
kind-enlarged-meeting-held = Enlarged meeting held, with the opinions of those attending
kind-joint-meeting-held = Joint meeting held
kind-opinion-answered = Opinion answered
kind-plan-settled = Plan settled
kind-plan-posted = Plan posted on the board
kind-filing-filed = Reviewed and filed
kind-filing-returned = Reviewed and sent back
kind-result-announced = Result announced on the spot
kind-minutes-signed = Minutes signed
kind-resolution-posted = Resolution posted
kind-progress-reported = Progress reported
