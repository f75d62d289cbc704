// Formulas that are wider than the page scroll in a box of their own. The keyboard must reach such a
// box, and only such a box; the theme sees to this for code and tables alone.
(() => {
  const reach = () => {
    for (const box of document.querySelectorAll("div.math")) {
      if (box.scrollWidth > box.clientWidth) {
        box.tabIndex = 0;
        box.setAttribute("role", "group");
        box.setAttribute("aria-label", "Formula, scrolls sideways");
      } else {
        for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      }
    }
  };
  document.addEventListener("DOMContentLoaded", reach);
  window.addEventListener("resize", reach);
})();
