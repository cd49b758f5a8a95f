### 界面文字:简体中文。按页面分组,键名与 en.ftl 完全一致。

## 页面框架
brand = 阳光票决
skip = 跳到正文
menu = 主菜单
crumbs = 所在位置
demo-banner = 演示：人物均为虚构，密钥由演示服务器保管。
demo-choose = 换个身份看看
switch-language = English
switch-elder-on = 长辈版
switch-elder-off = 退出长辈版
elder-sizes = 字的大小
elder-size-1 = 大
elder-size-2 = 更大
elder-size-3 = 最大
nav-home = 首页
nav-check = 查验
nav-help = 帮助
nav-tasks = 我的任务
nav-login = 登录
nav-logout = 退出登录
nav-settings = 语言和字号
foot-say = 村里的事，一步一步公开办；办过的事，谁也改不掉。
foot-check = 自己查一查
foot-phone = 有疑问，打电话给区纪委：
list-and = {"与"}
list-comma = {"、"}
date-to = {" 至 "}
name-hidden = （姓名不公开）
unnamed = 没有留名
pager = 翻页
pager-earlier = 上一页
pager-later = 下一页
pager-page = 第{ $page }页，共{ $pages }页

## 六个步骤
six-steps = 六个步骤
stage-1 = 建议
stage-2 = 提议
stage-3 = 商议
stage-4 = 备案
stage-5 = 票决
stage-6 = 监督
stage-full-1 = 党员群众建议
stage-full-2 = 村党组织提议
stage-full-3 = 村务联席会议商议
stage-full-4 = 乡镇（街道）审议备案
stage-full-5 = 村民代表会议票决
stage-full-6 = 村务监督委员会监督
stage-who-1 = 党员和村民
stage-who-2 = 村党组织
stage-who-3 = 村务联席会议
stage-who-4 = 乡镇（街道）
stage-who-5 = 村民代表会议
stage-who-6 = 村务监督委员会
stage-say-1 = 党员和村民把想法提出来，网上提、投意见箱、入户时说都可以。
stage-say-2 = 村党组织拿出初步方案，在扩大会议上听取列席人员的意见。
stage-say-3 = 联席会议商量，入户听意见，每条意见都有答复；方案定下来后张榜公示。
stage-say-4 = 乡镇（街道）审议。符合的备案，不符合的说明理由退回。
stage-say-5 = 村民代表开会投票，当场清点，当场宣布结果。
stage-say-6 = 公布结果，答复异议；办的过程、花的钱、完工的样子，都由监督委员会看着。
mark-done = 已完成
mark-now = 正在办
mark-now-short = 正在办
mark-ahead = 还没开始
mark-stopped = 到此为止
mark-sealed = 已办结
emblem-label = 六步中的第{ $number }步：{ $stage }。{ $outcome }
digit-1 = 一
digit-2 = 二
digit-3 = 三
digit-4 = 四
digit-5 = 五
digit-6 = 六
step-number = 第{ $n }步
outcome-underway = 正在办
outcome-paused = 等补正
outcome-returned = 被退回
outcome-no-quorum = 到会人数不够
outcome-passed = 已通过，正在落实
outcome-completed = 已办结
outcome-rejected = 未通过
outcome-withdrawn = 已撤回
outcome-annulled = 已撤销
outcome-voided = 投票作废
outcome-disclosed = 已公开（不需票决）

## 十类事项
category-m01 = 村经济和社会发展规划及年度计划，村庄建设规划
category-m02 = 公益事业的兴办和筹资筹劳方案及建设承包方案
category-m03 = 村级享受误工补贴的人员及补贴标准
category-m04 = 村集体经济所得收益的使用
category-m05 = 土地承包经营方案
category-m06 = 集体经济项目的立项、承包方案
category-m07 = 宅基地的使用方案
category-m08 = 征地补偿费的使用、分配方案
category-m09 = 以借贷、租赁或者其他方式处分村集体财产
category-m10 = 涉及村集体、村民切身利益等其他事项
category-short-m01 = 发展和建设规划
category-short-m02 = 公益事业
category-short-m03 = 误工补贴
category-short-m04 = 集体收益使用
category-short-m05 = 土地承包
category-short-m06 = 集体经济项目
category-short-m07 = 宅基地
category-short-m08 = 征地补偿费
category-short-m09 = 集体财产处分
category-short-m10 = 其他切身利益事项

## 身份
role-public = 公众
role-villager = 村民
role-representative = 村民代表
role-branch-secretary = 村党组织书记
role-chair = 村委会主任
role-clerk = 村报账员
role-recorder = 记录人
role-caller = 唱票人
role-counter = 计票人
role-scrutineer = 监票人
role-scribe = 代写人
role-group-leader = 村民小组长
role-grid-worker = 网格员
role-supervision-committee = 村务监督委员会成员
role-township-official = 乡镇（街道）干部
role-township-drafter = 乡镇（街道）经办人
role-township-approver = 乡镇（街道）审批人
role-township-discipline-officer = 镇街纪委
role-discipline-inspector = 区纪委
role-district-admin = 区级管理员
role-observer = 旁听人员
role-committee-member = 村委会成员
role-operator = 运维人员
role-log = 系统
role-root = 区级根密钥

## 会议
body-representative-assembly = 村民代表会议
body-villagers-assembly = 村民会议
body-members-assembly = 成员大会
body-members-representatives = 成员代表大会
body-group-meeting = 村民小组会议
mode-named = 记名投票
mode-paper-secret = 无记名纸质票
mode-encrypted = 加密投票
session-voting-now = 正在投票
session-called = 已通知
profile-representative-assembly = 村民代表会议
profile-representative-assembly-zhejiang = 村民代表会议（浙江）
profile-collective-representatives = 成员代表大会
profile-villager-group = 村民小组会议
profile-collective-assembly = 成员大会
profile-villagers-assembly = 村民会议
base-present = 实到人数
base-members = 应到人数
share = { $num ->
    [1] { $den ->
        [2] 半数
        [3] 三分之一
        [5] 五分之一
        [10] 十分之一
       *[other] { $den }分之{ $num }
    }
    [2] { $den ->
        [3] 三分之二
       *[other] { $den }分之{ $num }
    }
    [3] { $den ->
        [4] 四分之三
       *[other] { $den }分之{ $num }
    }
   *[other] { $den }分之{ $num }
}

## 公示
notice-plan = 方案公示
notice-resolution = 决议公示
notice-session = 会议通知
notice-progress = 落实情况公开
notice-withdrawal = 撤回公告
notice-posted = { $date }张贴
notice-open-until = { $date }24时前可以提异议
notice-ended = 公示到{ $date }，已结束
notice-heading-plan = 方 案 公 示
notice-heading-resolution = 决 议 公 示
notice-heading-session = 会 议 通 知
notice-heading-progress = 落 实 情 况
notice-heading-withdrawal = 撤 回 公 告
notice-papers = 附件
notice-objections = 如有异议，请在{ $date }24时前向村务监督委员会或村委会提出。
notice-scan = 手机扫一扫，看全部材料
notice-checkpoint = 记录编号（供核对）
notice-print-title = 打印张贴
notice-print-say = 用浏览器的“打印”，纸张选 A4 或 A3。二维码会留在纸上，扫一扫就能看到这件事的全部材料。
notice-print-go = 打印
notice-loudspeaker = 广播稿
notices-title = 公示栏
notices-say = 村里公示栏贴过什么，这里就有什么。
notices-open = 正在公示
notices-open-none = 现在没有正在公示的事项。
notices-past = 以前的公示
notices-past-none = 还没有以前的公示。

## 首页
front-title = 村里的大事，大家一票一票定
front-say = 十类大事，六个步骤，从建议到监督步步公开。每一步都有人签名，记下来就改不掉，谁都可以查。
search-label = 找找你的村
search-example = 村名，例如 黄泥墩
search-go = 查找
front-sessions = 正在投票和将要开的会
front-sessions-none = 眼下没有要开的会。开会前至少三天，这里会有通知。
front-results = 最近的结果
front-results-none = 还没有结果。
front-townships = 按乡镇（街道）找
front-villages = 个村
front-underway = 件正在办
front-decided = 件已有结果
villages-n = { $n }个村
underway-n = { $n }件正在办
underway-none = 没有正在办的事
township-none = 这里还没有登记的村。

## 查找
search-heading = 查找
search-title = 查找“{ $query }”
search-none = 没有找到“{ $query }”。
search-none-do = 只写村名里的两三个字试试，例如“泥墩”。或者从乡镇（街道）里找。
search-all-townships = 看所有乡镇（街道）
search-villages = 村（{ $n }）
search-matters = 事项（{ $n }）

## 村
village-members = 村民代表会议{ $n }人
village-sessions = 近期会议
village-underway = 正在办的事
village-by-stage = 按步骤看
village-stage-none = 这一步现在没有事项。
village-stage-all = 看全部
village-underway-none = 现在没有正在办的事。党员和村民都可以提建议。
village-board = 公示栏
village-board-none = 公示栏现在是空的。
village-board-all = 看全部公示
village-ended = 办完的事
village-ended-none = 还没有办完的事。
village-ended-all = 看全部办完的事
village-offices = 谁在管事
village-offices-none = 本届班子还没有登记。
village-term = 本届任期：{ $from }至{ $to }
village-cover = （代办至{ $date }）
village-record-title = 这个村的全部记录
village-record-say = 每一步都按先后记在一本账里，一页扣着一页，改一个字都会露出来。你可以把整本账下载回去自己核对。
village-record-go = 看记录

## 事项
matter-at = 第{ $number }步 · { $stage }
matter-reason = 说明：
matter-emergency = 紧急情况先办，待追认
matter-facts = 基本情况
matter-amount = 金额
matter-category = 类别
matter-brief = 方案概要
matter-result = 票决结果
matter-result-more = 看每一项和依据
matter-print = 打印公示
next-session = { $when }开会表决
next-voting = 投票到{ $when }为止
next-notice = 公示到{ $date }24时
next-due = { $date }前要办
next-overdue = { $date }到期，已超期
next-ended = { $date }
held-on = （实际办理：{ $date }）
late-entry = 补录较晚
act-annulled = 这一条已被撤销：{ $reason }
record-number = 记录第{ $n }号
correction = 更正
paper-closed = 你现在不能看
paper-withdrawn = { $date }撤下：{ $reason }
paper-replacement = 看替换件
media-pdf = PDF 文件
media-text = 文字
media-image = 图片
media-audio = 录音
media-video = 录像
media-file = 文件
level-public = 公开
level-village = 本村可看
level-officials = 干部可看
exchange-opinion = 意见
exchange-suggestion = 建议
exchange-objection = 异议
exchange-interpellation = 质询
exchange-concern = 监督意见
source-online = 网上
source-paper-box = 意见箱
source-household-visit = 入户
source-talk-session = 座谈会
source-meeting = 会上
answer = 答复
answer-waiting = 等待答复
answer-due = 应在{ $date }前答复
opinions-title = 听到的意见（{ $n }条）
objections-title = 异议和监督意见（{ $n }条）
window-open = 正在公示
window-over = 公示期满
window-days = { $from }张贴，公示{ $days }天，到{ $to }24时。张贴当天不算。
window-working = { $from }张贴，公示{ $days }个工作日，到{ $to }24时。张贴当天不算。
progress-title = 落实进度
progress-percent = 完成{ $n }%
progress-paid = 已付{ $amount }
eligible = 应到
present = 实到
quorum-needed = 够法定人数要
recused = 回避
ballot-session = 看会议全程
question-waiting = 还没开始投票
question-open = 正在投票
question-counting = 正在计票
question-passed = 通过
question-rejected = 未通过
question-no-quorum = 人数不够
question-void = 作废
question-open-until = 投票到{ $when }为止。截止前谁也看不到票数。
option-for = 赞成
option-against = 反对
option-abstain = 弃权
option-invalid = 无效票
votes-percent = 票 · { $percent }%
votes-needed = 以{ $base }人为准，赞成满{ $needed }票通过（竖线处）。
votes-none = 到会未投票{ $n }人。
votes-channels = 手机投票{ $online }，现场机投票{ $kiosk }，纸质票{ $paper }。
choices-show = 看每一票（{ $n }）
choices-title = 每一票
choices-caption = 记名投票，截止后公开。号码是名册上的编号。
choices-number = 号码
choices-name = 姓名
choices-choice = 选择
choices-channel = 方式
channel-online = 手机
channel-kiosk = 现场机
channel-paper = 纸质票
rule-title = 按什么规定算数：{ $name }
rule-quorum-title = 到会人数
rule-quorum-say = 应到{ $eligible }人，{ $share }以上到会才能开，至少{ $needed }人。
rule-quorum-yes = 实到{ $present }人，够。
rule-quorum-no = 实到{ $present }人，不够。
rule-threshold-title = 通过条件
rule-threshold-more = 赞成票要超过{ $base }的{ $share }。
rule-threshold-reach = 赞成票要达到{ $base }的{ $share }以上。
rule-abstain-counts = 弃权的人也算在总数里。
rule-abstain-apart = 弃权的人不算在总数里。
rule-source-title = 依据
rule-unconfirmed = 区里尚未确认这些数字
check-self-title = 自己查一查
check-self-say = 这件事在村记录里有{ $n }条，每条都有签名。用这里的查验工具，或者用别人写的软件，都能查出少了一步、改了一字。
check-self-go = 现在就查
check-self-record = 村记录
do-suggestion-made = 提个建议
do-objection-made = 提出异议
do-proposal-made = 提议立项
do-session-convened = 召集会议
do-ballot-cast = 去投票

## 办了什么(签名记录)
kind-suggestion-made = 提出了建议
kind-suggestion-received = 收到了村民建议
kind-proposal-made = 村党组织提出了方案
kind-enlarged-meeting-held = 开了扩大会议，记下列席人员的意见
kind-joint-meeting-held = 开了村务联席会议
kind-opinion-answered = 答复了意见
kind-plan-settled = 定下了方案
kind-plan-posted = 张榜公示了方案
kind-filing-filed = 审议通过，准予备案
kind-filing-returned = 审议后退回
kind-result-announced = 当场宣布了结果
kind-minutes-signed = 签了会议记录
kind-resolution-posted = 张榜公布了决议
kind-progress-reported = 报告了落实进度
