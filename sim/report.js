// Shows what is pointed at, or touched, beside the pointer.
(() => {
  const tip = document.getElementById('tip');
  let shown = null;
  const hide = () => {
    tip.hidden = true;
    shown?.classList.remove('on');
    shown = null;
  };
  const show = (event) => {
    const mark = event.target.closest?.('[data-tip]');
    if (!mark) return hide();
    if (mark !== shown) {
      shown?.classList.remove('on');
      shown = mark;
      mark.classList.add('on');
      tip.textContent = mark.dataset.tip;
      tip.hidden = false;
    }
    const box = tip.getBoundingClientRect();
    const left = event.clientX + 14 + box.width > innerWidth ? event.clientX - 14 - box.width : event.clientX + 14;
    const top = event.clientY + 14 + box.height > innerHeight ? event.clientY - 14 - box.height : event.clientY + 14;
    tip.style.left = `${Math.max(4, left)}px`;
    tip.style.top = `${Math.max(4, top)}px`;
  };
  document.addEventListener('pointermove', show);
  document.addEventListener('pointerdown', show);
  document.addEventListener('scroll', hide, true);
  document.documentElement.addEventListener('pointerleave', hide);
})();
