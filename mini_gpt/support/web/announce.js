() => {
  // A screen reader says what comes into this place. Whoever sees the page does not see it.
  const said = document.createElement("div");
  said.setAttribute("role", "status");
  said.style = "position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%)";
  document.body.append(said);
  // Boxes that only the page writes into. While one grows, hearing each character would be noise:
  // so its text is said once, when it has not changed for a second.
  const before = new Map();
  const outputs = () => [...document.querySelectorAll("textarea:disabled")];
  outputs().forEach((box) => before.set(box, { text: box.value, isNew: false }));
  setInterval(() => {
    for (const box of outputs()) {
      const last = before.get(box) ?? { text: "", isNew: false };
      const grew = box.value !== last.text;
      if (!grew && last.isNew && box.value && box.offsetParent) said.textContent = box.value;
      before.set(box, { text: box.value, isNew: grew });
    }
  }, 1000);
}
