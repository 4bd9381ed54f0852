// Optional: “/” puts the cursor into the search of everything. Every page works without this file.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.getElementById("search-everything")?.focus();
});

// Optional: the total below rows follows what is typed. The server works it out again.
const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
document.addEventListener("input", (event) => {
  const rows = event.target.closest("[data-total]");
  if (!rows) return;
  const factors = rows.dataset.total.split(" ");
  const typed = (row, name) => Number(row.querySelector(`[name$="-${name}"]`)?.value.replace(/[$,\s]/g, "")) || 0;
  const amount = (row) => factors.reduce((product, name) => product * typed(row, name), 1);
  const cents = [...rows.querySelectorAll(".one-row")].map((row) => Math.round(amount(row) * 100));
  rows.querySelector("output").textContent = dollars.format(cents.reduce((sum, each) => sum + each, 0) / 100);
});
