// Small helps for every page. Each page works without them; nothing here decides anything.

// "/" goes to the find box, unless somebody is typing.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  const find = document.getElementById("find");
  if (event.key === "/" && find && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    find.focus();
    find.select();
  }
});

// Under the find box: arrows walk through the list, Escape closes it.
document.addEventListener("keydown", (event) => {
  const form = event.target.closest("form.find");
  const list = form && form.querySelector(".found");
  if (!list) return;
  if (event.key === "Escape") {
    list.replaceChildren();
    form.querySelector("input[type=search]").focus();
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const stops = [form.querySelector("input[type=search]"), ...list.querySelectorAll("a")];
  const next = stops.indexOf(event.target) + (event.key === "ArrowDown" ? 1 : -1);
  if (stops.includes(event.target) && stops[next]) {
    event.preventDefault();
    stops[next].focus();
  }
});

// The account menu closes with Escape and by a click elsewhere.
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.account[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.account[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Day, month and year answer with their weekday, so that a slip is seen before it is saved.
const MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"];

function readBoxes(boxes) {
  const [day, month, year] = [...boxes.querySelectorAll("input")].map((box) => box.value.trim());
  const named = month.length >= 3 && MONTHS.findIndex((name) => name.startsWith(month.toLowerCase())) + 1;
  const monthNumber = named || Number(month);
  if (!/^\d{1,2}$/.test(day) || !/^\d{4}$/.test(year) || !(monthNumber >= 1 && monthNumber <= 12)) return "";
  const date = new Date(Date.UTC(2000, monthNumber - 1, Number(day)));
  date.setUTCFullYear(Number(year), monthNumber - 1, Number(day));
  if (date.getUTCDate() !== Number(day)) return "This day does not exist.";
  return date.toLocaleDateString("en-GB", { timeZone: "UTC", weekday: "long" });
}

document.addEventListener("input", (event) => {
  const boxes = event.target.closest(".date-boxes");
  if (boxes) boxes.querySelector(".echo").textContent = readBoxes(boxes);
});

// Whoever says that something has changed is asked what.
document.addEventListener("change", (event) => {
  if (event.target.name !== "asked" || event.target.value !== "changed") return;
  const fold = document.querySelector("details:has([name^='changed-'])");
  if (fold) fold.open = true;
});

// “Another vial” opens the boxes for it, and who types in them has another vial; who then takes one of the stock empties them.
const READ_FROM_THE_VIAL = /^(lot|brand|expires_on_\w+)$/;
document.addEventListener("change", (event) => {
  if (event.target.name !== "vial") return;
  const boxes = [...event.target.form.elements].filter((box) => READ_FROM_THE_VIAL.test(box.name));
  const another = event.target.value === "another";
  const fold = boxes[0]?.closest("details");
  if (fold) fold.open = another;
  if (!another) for (const box of boxes) box.value = "";
});
document.addEventListener("input", (event) => {
  if (!event.target.value || !READ_FROM_THE_VIAL.test(event.target.name)) return;
  const another = event.target.form?.querySelector("[name=vial][value=another]");
  if (another) another.checked = true;
});

// A second tap on a form that is being sent is not sent. The server does not rely on this.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// On a narrow screen the axis of time begins at today, not a year ago.
function showToday(axis) {
  const now = axis.querySelector(".now");
  if (now && axis.scrollWidth > axis.clientWidth) axis.scrollLeft += now.getBoundingClientRect().left - axis.getBoundingClientRect().left - axis.clientWidth / 2;
}

// A mark leads to its row in words, which are folded away until somebody asks for them.
document.addEventListener("click", (event) => {
  const mark = event.target.closest(".lifeline svg a");
  const row = mark && document.getElementById(mark.getAttribute("href").slice(1));
  if (row) row.closest("details").open = true;
});

// Done with every page, also with one that htmx has brought.
function welcome(page) {
  // When something is wrong, begin there.
  page.querySelector(".error-summary")?.focus();
  // Printing needs a script, so its buttons appear only where there is one.
  for (const button of page.querySelectorAll("button[data-print]")) {
    button.hidden = false;
    button.onclick = () => window.print();
  }
  for (const axis of page.querySelectorAll(".lifeline")) showToday(axis);
}
welcome(document);
document.addEventListener("htmx:afterSettle", (event) => welcome(event.target));

// The queue of decisions: a row is decided where it stands.
function place(panel) {
  const row = panel.closest(".decision");
  const control = panel.querySelector(".error-summary") ?? panel.querySelector("form input:not([type=hidden]), form select, form textarea");
  row.scrollIntoView({ block: "start", behavior: "instant" });
  // What is to be read comes first: the form has the focus only where it is in sight as well.
  const inSight = control && control.getBoundingClientRect().bottom < window.innerHeight;
  (inSight ? control : panel).focus({ preventScroll: true });
}
function next(row) {
  const rows = [...document.querySelectorAll(".decision")];
  const left = [...rows.slice(rows.indexOf(row) + 1), ...rows].find((each) => each.querySelector(".decide"));
  (left ? left.querySelector(".decide") : document.getElementById("after-the-last") ?? row).focus();
}
document.addEventListener("htmx:afterSettle", (event) => {
  const found = event.target;
  if (found.matches?.(".in-place") && found.firstElementChild) place(found);
  else if (found.matches?.(".decision.settled")) next(found);
});
// “Cancel” and “Back” in a row lead to the row: they close it.
document.addEventListener("click", (event) => {
  const panel = event.target.closest(".in-place");
  if (!panel || !event.target.closest("a[href^='#row-']")) return;
  event.preventDefault();
  panel.replaceChildren();
  panel.closest(".decision").querySelector(".decide").focus();
});

// A list that refreshes itself waits while somebody chooses what it shows.
document.addEventListener("htmx:beforeRequest", (event) => {
  const list = event.target;
  const choosing = document.activeElement?.closest("#today form");
  if (list.id === "today" && event.detail.requestConfig.verb === "get" && choosing) event.preventDefault();
});

// A row of a list opens in place: what htmx brings stands below it until the same link closes it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a.opens");
  const below = link?.closest("tr").nextElementSibling;
  if (!below?.classList.contains("opened")) return;
  event.preventDefault();
  event.stopPropagation();
  below.remove();
  link.setAttribute("aria-expanded", "false");
}, true);
document.addEventListener("htmx:afterSwap", (event) => {
  const link = event.detail.requestConfig?.elt;
  if (!link?.matches("a.opens")) return;
  link.setAttribute("aria-expanded", "true");
  // A second tap may have asked twice.
  const below = link.closest("tr").nextElementSibling;
  while (below.nextElementSibling?.classList.contains("opened")) below.nextElementSibling.remove();
});

// When the list refreshes itself, the row at the top of the window stays there, what was opened stays open, and the
// focus stays where it was.
let kept = null;
document.addEventListener("htmx:beforeSwap", (event) => {
  const list = event.detail.target;
  if (list.id !== "today" || !event.detail.shouldSwap) return;
  const rows = [...list.querySelectorAll("tr[data-row]")];
  const seen = rows.filter((row) => row.getBoundingClientRect().bottom > 0);
  kept = {
    seen: list.getBoundingClientRect().top < 0 ? seen.map((row) => [row.dataset.row, row.getBoundingClientRect().top]) : [],
    opened: [...list.querySelectorAll("tr.opened")].map((row) => [row.previousElementSibling.dataset.row, row]),
    focus: list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null,
  };
});
document.addEventListener("htmx:afterSettle", () => {
  const list = document.getElementById("today");
  if (!kept || !list) return;
  const found = (key) => list.querySelector(`tr[data-row="${key}"]`);
  for (const [key, below] of kept.opened) {
    found(key)?.after(below);
    found(key)?.querySelector("a.opens").setAttribute("aria-expanded", "true");
  }
  const [key, top] = kept.seen.find(([key]) => found(key)) || [];
  if (key) window.scrollBy({ top: found(key).getBoundingClientRect().top - top, behavior: "instant" });
  if (kept.focus) list.querySelector(`a[href="${CSS.escape(kept.focus)}"]`)?.focus({ preventScroll: true });
  kept = null;
});

// Whoever comes back to the same list after an act finds it where it was left, for a quarter of an hour. Only the
// address of the list and the distance from its top are kept, in this tab.
const KEPT_FOR = 15 * 60 * 1000;
if (document.getElementById("today")) {
  const address = location.pathname + location.search;
  const left = JSON.parse(sessionStorage.getItem("list") || "null");
  const came = performance.getEntriesByType("navigation")[0]?.type;
  if (came === "navigate" && left?.address === address && Date.now() - left.at < KEPT_FOR) window.scrollTo({ top: left.y, behavior: "instant" });
  window.addEventListener("pagehide", () => {
    sessionStorage.setItem("list", JSON.stringify({ address, y: window.scrollY, at: Date.now() }));
  });
} else if (location.pathname.startsWith("/accounts/")) sessionStorage.removeItem("list");

// What htmx could not bring is said aloud; what was typed stays.
function unreachable(event) {
  if (event.detail.elt?.dataset.hxTrigger?.startsWith("input")) return; // a help while typing; sending will tell
  if (event.detail.elt?.matches("a.opens")) return void location.assign(event.detail.elt.href); // as without a script
  const reading = event.detail.requestConfig?.verb === "get";
  const notice = document.createElement("div");
  notice.className = "notice tone-block";
  notice.innerHTML = reading
    ? "<p><strong>The server did not answer.</strong> This list is as old as it says. It is asked for again by itself.</p>"
    : "<p><strong>The server did not answer.</strong> What you typed is still here. Try again.</p>";
  notice.tabIndex = -1;
  document.getElementById("messages").replaceChildren(notice);
  if (!reading) notice.focus();
}
for (const event of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(event, unreachable);
}

// Whoever was signed out meanwhile is told so; the page to sign in is never put in the middle of another one.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.xhr.responseURL.includes("/accounts/login/")) return;
  event.detail.shouldSwap = false;
  const notice = document.createElement("div");
  notice.className = "notice tone-block";
  notice.innerHTML = '<p><strong>You have been signed out.</strong> Note down what you typed, then <a href="/accounts/login/">sign in again</a>.</p>';
  document.getElementById("messages").replaceChildren(notice);
});
