# Notices on this phone (web/src/reach.ts).
client-reach-cannot = This browser can't show notices. Try another browser, or use text messages or e-mail.
client-reach-asking = The browser will ask whether it may show notices. Please allow it.
client-reach-denied = The browser doesn't allow notices. Allow them for this site in its settings, then try again.
client-reach-failed = It could not be switched on: the browser can't reach its push service. Text messages or e-mail will do as well.
