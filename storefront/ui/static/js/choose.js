// <select data-choose>: sends its form as soon as another option is chosen; the form's button is for pages
// without scripts and is hidden here.
document.querySelectorAll("select[data-choose]").forEach((select) => {
  select.form.querySelectorAll("[data-choose-button]").forEach((button) => (button.hidden = true));
  select.addEventListener("change", () => select.form.requestSubmit());
});
