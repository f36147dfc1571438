// Submits the authorization response (Form Post Response Mode). A field may be named "submit" and hide the
// form's method, so call the method of the prototype.

const send = () => HTMLFormElement.prototype.submit.call(document.getElementById("response"));

if (document.prerendering) document.addEventListener("prerenderingchange", send, { once: true });
else send();
