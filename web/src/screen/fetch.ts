/** A page fetched again by a script that keeps it up to date. */

/** Fetches a page as a document. Rejects where it does not come. */
export function fetchPage(address: string): Promise<Document> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", address);
    request.responseType = "document";
    request.setRequestHeader("accept", "text/html");
    request.timeout = 15_000;
    request.onload = () => (request.status === 200 && request.responseXML !== null ? resolve(request.responseXML) : reject(new Error(String(request.status))));
    request.onerror = request.ontimeout = () => reject(new Error("no answer"));
    request.send();
  });
}
