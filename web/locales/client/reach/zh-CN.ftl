# 在这台手机上弹出提醒(web/src/reach.ts)。
client-reach-cannot = 这个浏览器不能弹出提醒。请换一个浏览器，或者用短信、邮件。
client-reach-asking = 浏览器会问您是否允许通知，请选“允许”。
client-reach-denied = 浏览器没有允许通知。请在浏览器的设置里允许本网站发通知，再试一次。
client-reach-failed = 没有开通成：浏览器连不上它的推送服务。可以改用短信或邮件。
