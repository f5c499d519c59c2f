// What a page is asked from outside, after it has loaded. Sizes are CSS pixels. Each question answers with a list of faults.
globalThis.inspection = (() => {
  const shown = (element) => element.outerHTML.slice(0, 160);

  // What runs over the edge at the width the page has now.
  function edge() {
    const root = document.documentElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const over = [...document.querySelectorAll("body *")].filter((e) => e.getBoundingClientRect().right > root.clientWidth + 1);
    return [`scrolls sideways to ${root.scrollWidth} of ${root.clientWidth}: ${over.slice(-2).map(shown).join(" | ")}`];
  }

  // One first heading, nothing over the edge, every target at least so high; a link inside a sentence, or to a footnote,
  // is as high as its line (the exception of WCAG 2.5.8).
  function measure(target, line) {
    const faults = [];
    if (document.querySelectorAll("h1").length !== 1) faults.push("not one h1");
    faults.push(...edge());
    for (const element of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
      if (element.disabled || !element.checkVisibility({visibilityProperty: true})) continue;
      const hit = (element.matches("[type=radio], [type=checkbox]") && element.labels[0]) || element;
      const box = hit.getBoundingClientRect();
      if (box.width <= 1) continue; // kept for screen readers until it has the focus
      const inText = element.matches(".cite") || isInSentence(element);
      const height = inText ? Math.max(box.height, parseFloat(getComputedStyle(element).lineHeight)) : box.height;
      if (height < (inText ? line : target) - 0.5 || (!inText && box.width < line - 0.5))
        faults.push(`a target of ${Math.round(box.width)} x ${Math.round(height)}: ${shown(element)}`);
    }
    return faults;
  }

  function isInSentence(element) {
    if (!element.matches("a") || getComputedStyle(element).display !== "inline") return false;
    let block = element.parentElement;
    while (getComputedStyle(block).display === "inline") block = block.parentElement;
    return [...block.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && /[\p{L}\p{N}]{2}/u.test(node.data));
  }

  // The rules of axe, without the parts of the page that are left out.
  async function violations(asked, left) {
    const found = await axe.run({include: [document], exclude: left ? [left] : []}, asked);
    return found.violations.flatMap(({id, nodes}) => nodes.map((node) => {
      const why = [...node.any, ...node.all, ...node.none].map((check) => check.message).join(" ");
      return `${id}: ${why} ${node.html.slice(0, 160)}`;
    }));
  }

  // The summary of a refused form has the focus and leads to controls that say themselves what is wrong with them.
  function refusal() {
    const summary = document.querySelector(".error-summary");
    const faults = [];
    if (!document.title.startsWith("Error: ")) faults.push("refused, and the title does not say so");
    if (document.activeElement !== summary) faults.push("refused, and the summary has not the focus");
    for (const link of summary.querySelectorAll("a")) {
      const control = document.getElementById(link.hash.slice(1));
      if (!control) faults.push(`the summary leads nowhere: ${shown(link)}`);
      else if (!control.closest(".wrong")?.querySelector(".field-error")?.checkVisibility())
        faults.push(`no error stands at the field: ${shown(link)}`);
    }
    return faults;
  }

  // What would come out of a printer in colour, and what has no use on paper.
  function paper() {
    const words = [...document.querySelectorAll("main :is(h1, h2, p, dd, dt, td, th, li)")].filter((e) => e.checkVisibility());
    const useless = [...document.querySelectorAll("header .top, form, .btn")].filter((e) => e.checkVisibility());
    const black = (element) => ["rgb(0, 0, 0)", "color(srgb 0 0 0)"].includes(getComputedStyle(element).color);
    const faults = words.filter((element) => !black(element)).map((element) => `not black: ${shown(element)}`);
    if (getComputedStyle(document.body).backgroundColor !== "rgb(255, 255, 255)") faults.push("the paper is not white");
    if (words.length < 3) faults.push("hardly a word is printed");
    return faults.concat(useless.map((element) => `of no use on paper: ${shown(element)}`));
  }

  // Empties a form as far as a person could and sends it by its main button; the browser's own bubbles are off.
  function sendEmpty(form) {
    for (const control of form.elements) {
      if (control.matches("[type=radio], [type=checkbox]")) control.checked = false;
      else if (control.matches("select")) control.selectedIndex = 0;
      else if (!control.matches("[type=hidden], [type=submit], button, fieldset")) control.value = "";
    }
    form.noValidate = true;
    const buttons = [...form.querySelectorAll("button, input[type=submit]")];
    const main = ["[name=save]", ".btn-primary"].map((kind) => buttons.find((button) => button.matches(kind)));
    (main[0] ?? main[1] ?? buttons.at(-1)).click();
  }

  return {measure, edge, violations, refusal, paper, sendEmpty};
})();
