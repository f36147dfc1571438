// Sends the authorization response on its way. A field may be named "submit", so the form's own is not trusted.

const send = () => HTMLFormElement.prototype.submit.call(document.getElementById("response"));

if (document.prerendering) document.addEventListener("prerenderingchange", send, { once: true });
else send();
