// A second hand that keeps its pace in a hidden tab, where the browser slows the page's own timers down.
setInterval(() => postMessage("tick"), 1000);
