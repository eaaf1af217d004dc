// What every script that fetches a part of a page shares: the part comes in the words of the release that the
// page shows (<meta name="catalog-release">); where the shop has that release no more, the page is loaded anew.
function partHeaders() {
  const release = document.querySelector('meta[name="catalog-release"]');
  return { "HX-Request": "true", "Catalog-Release": release ? release.content : "" };
}

function outdated(answer) {
  if (answer.headers.get("HX-Refresh") !== "true") return false;
  location.reload();
  return true;
}
