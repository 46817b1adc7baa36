/**
 * The page's look. Colours have a contrast of at least 4.5 to what is behind them. Colour-blind readers can tell
 * verdicts apart.
 */
export const STYLES = `
:root{
  --bg:#f6f7f8;--surface:#fff;--ink:#1a1f26;--muted:#56606c;--line:#dfe3e8;--grid:#e9ecf0;--accent:#1f5fbf;
  --good:#0a6b4d;--good-soft:#e2f3eb;--bad:#a83208;--bad-soft:#fdebe2;--unsure:#735400;--unsure-soft:#fbf1d2;--none:#56606c;--none-soft:#eceff2;
  --ok:#7f9cc0;--http-error:#b23a06;--timeout:#d79a00;--refused:#8d3f9c;--reset:#2f9e8f;--unsent:#6b7280;
  --p50:#86b3e3;--p90:#3c7ec8;--p99:#12396f;--max:#8a94a0;
  --category-1:#0072b2;--category-2:#d55e00;--category-3:#009e73;--category-4:#b0558f;--category-5:#9a7b00;--category-6:#4b3fb5;
  color-scheme:light;
}
@media (prefers-color-scheme:dark){:root:not(.print){
  --bg:#0e1216;--surface:#161b21;--ink:#e7eaee;--muted:#9ba6b2;--line:#2a323b;--grid:#232a32;--accent:#82b4ff;
  --good:#58cda0;--good-soft:#11302a;--bad:#ff9b70;--bad-soft:#3a1e12;--unsure:#e6b94a;--unsure-soft:#33290e;--none:#9ba6b2;--none-soft:#222931;
  --ok:#5d7ca6;--http-error:#ff8a5b;--timeout:#e9b949;--refused:#c98ad6;--reset:#5ccabb;--unsent:#8a94a0;
  --p50:#3f6ea8;--p90:#6fa8ec;--p99:#d3e5ff;--max:#76818d;
  --category-1:#56b4e9;--category-2:#ff9b5a;--category-3:#3fd0a4;--category-4:#e59cc9;--category-5:#e8d24a;--category-6:#a59cff;
  color-scheme:dark;
}}
*{box-sizing:border-box}
html{scroll-padding-top:16px}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"Noto Sans",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:32px 24px 48px}
h1,h2,h3,p,figure,dl,dd,ul,ol{margin:0}
h2{font-size:20px;line-height:1.3;letter-spacing:-.01em;margin:40px 0 12px}
h3{font-size:17px;line-height:1.35;display:inline}
a{color:var(--accent);text-decoration-thickness:1px;text-underline-offset:3px}
code{font:.92em ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
h1,h3,th,td,dd,li,p{overflow-wrap:anywhere}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.eyebrow{font-size:12px;font-weight:600;letter-spacing:.08em;text-transform:uppercase;color:var(--muted)}
.good{--tone:var(--good);--soft:var(--good-soft)}.bad{--tone:var(--bad);--soft:var(--bad-soft)}
.unsure{--tone:var(--unsure);--soft:var(--unsure-soft)}.muted{--tone:var(--none);--soft:var(--none-soft)}

.hero{display:flex;gap:32px;justify-content:space-between;background:var(--surface);border:1px solid var(--line);border-top:4px solid var(--tone);border-radius:12px;padding:24px 28px 26px}
.hero .verdict{min-width:0;flex:1}
.hero h1{font-size:18px;font-weight:600;line-height:1.35;margin-top:2px}
.headline{display:flex;align-items:center;gap:14px;margin:14px 0 10px;font-size:44px;font-weight:750;line-height:1.05;letter-spacing:-.025em;color:var(--tone)}
.headline .sign{display:grid;place-items:center;width:44px;height:44px;border-radius:50%;background:var(--tone);color:var(--surface);font-size:24px;font-weight:700;letter-spacing:0}
.reason{font-size:18px;line-height:1.45;max-width:46em}
.other-slos{font-weight:600;max-width:46em}
.hypothesis{margin-top:12px;color:var(--muted);max-width:50em}
.hypothesis span{font-weight:600}
.hypothesis span::after{content:":"}
.score{flex:0 0 224px;border-left:1px solid var(--line);padding-left:28px;align-self:stretch}
.score .number{display:flex;align-items:baseline;gap:6px;margin-top:2px;color:var(--muted)}
.score .number strong{font-size:44px;line-height:1.1;letter-spacing:-.03em;color:var(--ink);font-variant-numeric:tabular-nums}
.gauge{height:6px;border-radius:3px;background:var(--none-soft);margin:8px 0 10px;overflow:hidden}
.gauge i{display:block;height:100%;background:var(--ink);border-radius:3px}
.explanation{font-size:13px;line-height:1.45;color:var(--muted)}
.facts{display:flex;flex-wrap:wrap;gap:2px 18px;margin:14px 4px 0;font-size:13px;color:var(--muted);font-variant-numeric:tabular-nums}

.mark{display:inline-flex;align-items:center;gap:5px;padding:1px 9px;border-radius:999px;background:var(--soft);color:var(--tone);font-size:13px;font-weight:600;white-space:nowrap}
.mark span{font-weight:700}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:8px 12px;vertical-align:baseline;font-weight:400}
thead th{font-size:12px;font-weight:600;color:var(--muted);border-bottom:1px solid var(--line);white-space:nowrap;padding-top:4px;padding-bottom:6px}
th.n,td.n{text-align:right;white-space:nowrap}
.glance{background:var(--surface);border:1px solid var(--line);border-radius:12px;border-collapse:separate;border-spacing:0}
.glance thead th{padding-top:10px}
.glance tbody tr:not(:first-child)>*{border-top:1px solid var(--line)}
.glance tbody th{font-weight:600;min-width:12em}
button{white-space:nowrap}
td code,th code{overflow-wrap:anywhere}
.glance .expect{min-width:11em}
.glance th:first-child{padding-left:20px}.glance td:last-child,.glance th:last-child{padding-right:20px}

.bar{display:flex;flex-wrap:wrap;align-items:end;justify-content:space-between;gap:8px 16px;margin:40px 0 12px}
.bar h2{margin:0}
.tools{display:flex;align-items:center;gap:8px;font-size:13px;color:var(--muted);min-width:0}
select,button{font:inherit;font-size:13px;color:var(--ink);background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:4px 10px;min-height:30px;cursor:pointer;max-width:100%}
select{min-width:0;text-overflow:ellipsis}
button:hover:not(:disabled),select:hover{border-color:var(--accent)}
button:disabled{color:var(--muted);cursor:default;border-style:dashed}
.chart{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:16px 20px 10px 12px;margin-bottom:12px}
.chart figcaption{padding-left:8px}
.chart figcaption span{color:var(--muted);font-size:13px;margin-left:6px}
.legend{display:flex;flex-wrap:wrap;align-items:center;gap:6px;padding:8px 8px 6px;min-height:44px}
.switch{display:inline-flex;text-align:left;white-space:normal;overflow-wrap:anywhere;align-items:center;gap:6px;padding:2px 10px 2px 8px;border-radius:999px;min-height:28px}
.switch[aria-pressed=false]{color:var(--muted);border-style:dashed;text-decoration:line-through}
.swatch{flex:none;width:12px;height:12px;border-radius:3px;background:var(--swatch)}
.swatch.dashed{height:0;border-radius:0;background:none;border-top:3px dotted var(--swatch);width:14px}
.switch[aria-pressed=false] .swatch{opacity:.35}
.switch .value{font-variant-numeric:tabular-nums;font-weight:600}
.switch .value:empty{display:none}
.where{font-size:13px;color:var(--muted);margin-left:4px;font-variant-numeric:tabular-nums}
.canvas{min-height:250px;border-radius:6px}
.signals{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));gap:0 12px}.signals .chart{min-width:0}.signals .canvas{min-height:150px}
.uplot,.uplot *{font-family:inherit}
.u-under{overflow:visible!important}
.band{position:absolute;top:0;bottom:0;background:color-mix(in srgb,var(--tone) 11%,transparent);border-left:1px solid color-mix(in srgb,var(--tone) 55%,transparent);border-right:1px solid color-mix(in srgb,var(--tone) 55%,transparent)}
.band span{position:absolute;bottom:100%;left:-1px;padding:0 0 3px;font-size:12px;line-height:16px;font-weight:600;color:var(--tone);white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.band.searched{background:color-mix(in srgb,var(--muted) 5%,transparent);border-color:var(--line)}
.band.recovering{background:color-mix(in srgb,var(--tone) 5%,transparent);border-left:0;border-right-style:dashed}
.band.warmup{--tone:var(--muted);background:repeating-linear-gradient(135deg,color-mix(in srgb,var(--muted) 12%,transparent) 0 1px,transparent 1px 7px);border:0;border-right:1px dashed color-mix(in srgb,var(--muted) 50%,transparent)}
.beyond{position:absolute;left:0;right:0;top:0;border-bottom:1px solid color-mix(in srgb,var(--muted) 60%,transparent);background:color-mix(in srgb,var(--muted) 10%,transparent)}
#chart-distribution .beyond span{bottom:100%;left:0;padding:0 0 2px;background:none}
.beyond span{position:absolute;left:4px;bottom:1px;padding:0 4px;font-size:11px;line-height:16px;color:var(--muted);background:var(--surface);border-radius:3px 3px 0 0}
.promise{position:absolute;left:0;border-top:1px dashed var(--bad);pointer-events:none}
.promise::after{content:"";position:absolute;right:-4px;top:-5px;width:9px;height:9px;border-radius:50%;background:var(--bad);border:1px solid var(--surface);box-sizing:border-box}
.promise-label{position:absolute;padding:0 4px;font-size:12px;line-height:16px;color:var(--bad);background:color-mix(in srgb,var(--surface) 85%,transparent);border-radius:3px;white-space:nowrap;pointer-events:none}
.u-select{background:color-mix(in srgb,var(--accent) 18%,transparent)}
.u-hz .u-cursor-x,.u-vt .u-cursor-y{border-right:1px solid var(--muted)}
.hint{font-size:13px;color:var(--muted);padding:0 4px}
.limit{margin-top:8px}
kbd{font:inherit;font-weight:600;border:1px solid var(--line);border-radius:4px;padding:0 4px;background:var(--surface)}

.card{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:0 24px;margin-bottom:12px}
.card[open]{padding-bottom:20px}
section.card{padding-bottom:20px;margin-top:32px}
section.card h2{margin:18px 0 8px}
summary{cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
.card>summary{display:flex;align-items:center;gap:12px;padding:16px 0;margin:0 -8px;padding-left:8px;padding-right:8px}
.card>summary::before,.fold>summary::before,.more>summary::before{content:"";flex:none;width:7px;height:7px;border-right:2px solid var(--muted);border-bottom:2px solid var(--muted);transform:rotate(-45deg);transition:transform .12s}
.card[open]>summary::before,.fold[open]>summary::before,.more[open]>summary::before{transform:rotate(45deg)}
.card>summary h3{flex:1;min-width:0}
.injected{color:var(--muted);margin:-6px 0 12px}
.when{font-variant-numeric:tabular-nums}
.when::before{content:"· "}
button.quiet{border-color:transparent;background:none;color:var(--accent);padding:0 6px;min-height:24px}
.because{margin-bottom:12px;font-weight:600}
.findings{padding:0;list-style:none;margin-bottom:16px;max-width:64em}
.findings li{position:relative;padding:2px 0 2px 20px;font-size:16px}
.findings li::before{content:"";position:absolute;left:3px;top:11px;width:7px;height:7px;border-radius:2px;background:var(--accent)}
.slos strong,.glance strong{color:var(--tone);font-weight:700}
.glance .told{color:var(--muted);font-size:14px}
.slos tbody th{min-width:11em}
.slos th:first-child,.slos td:first-child{padding-left:0}
.slos th:last-child,.slos td:last-child{padding-right:0}
.slos tbody th,.slos tbody td{padding-bottom:2px}
.slos .why td{padding:0 0 8px;font-size:13px;color:var(--muted);border-bottom:1px solid var(--line)}
.slos .why:last-child td{border-bottom:0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(210px,1fr));gap:16px 28px;margin-top:12px;padding-top:16px;border-top:1px solid var(--line)}
dt{font-size:12px;font-weight:600;color:var(--muted)}
.tiles dd:not(.explanation){font-weight:600;font-variant-numeric:tabular-nums}
.tiles .explanation{margin-top:2px}
.more,.fold{margin-top:12px}
.more>summary,.fold>summary{display:flex;align-items:center;gap:10px;font-weight:600;padding:6px 4px;border-radius:6px}
.more ul,.fold ul{padding-left:22px}
.fold{background:var(--surface);border:1px solid var(--line);border-radius:10px;margin-top:8px;padding:4px 14px}
.fold[open]{padding-bottom:14px}
.dense{font-size:13px}.dense th,.dense td{padding:5px 4px}.dense thead th,.dense td.n{white-space:normal;overflow-wrap:normal}
@media (min-width:561px){.requests td:last-child,.requests th:last-child{padding-left:16px}}
.dense tbody tr>*{border-top:1px solid var(--grid)}
.dense tbody th{min-width:9em}
.events{list-style:none;padding:0;font-size:13px}
.events li{display:grid;grid-template-columns:64px 76px 1fr;gap:8px;padding:2px 0}
.events span:nth-child(-n+2){color:var(--muted);font-variant-numeric:tabular-nums}
pre{margin:4px 0;padding:12px;background:var(--bg);border-radius:8px;font:12px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre-wrap;overflow-wrap:anywhere;max-height:360px;overflow:auto}
.facts-list div{display:grid;grid-template-columns:110px 1fr;gap:8px;padding:2px 0}
main>h1{font-size:28px;letter-spacing:-.02em;line-height:1.2}
.trend{display:block;overflow:visible}
.trend path{fill:none;stroke:var(--muted);stroke-width:1.25}
.trend circle{fill:var(--tone);stroke:var(--surface)}
.trend .cross{stroke:var(--tone);stroke-width:2.25;stroke-linecap:round}
footer{margin-top:32px;font-size:13px;color:var(--muted);text-align:center}

@media (max-width:720px){
  main{padding:16px 12px 32px}
  .hero{flex-direction:column;gap:18px;padding:18px 18px 20px}
  .headline{font-size:36px}.reason{font-size:17px}
  .score{flex:none;border-left:0;border-top:1px solid var(--line);padding:14px 0 0}
  .card{padding-left:16px;padding-right:16px}
  .chart{padding:12px 10px 8px 4px}
}
/* On a phone a row of a wide table is a block: name and verdict, then the numbers with their names. */
@media screen and (max-width:560px){
  .faults,.faults tbody,.slos:not(.trials),.slos:not(.trials) tbody{display:block}
  .faults thead,.slos:not(.trials) thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  .faults tbody tr,.slos:not(.trials) tbody tr:not(.why){display:flex;flex-wrap:wrap;align-items:baseline;gap:4px 12px}
  .faults tbody tr>*,.slos:not(.trials) tbody tr>*{padding:0!important;border:0!important;text-align:left;min-width:0}
  .faults tbody tr{padding:12px 16px}
  .faults tbody tr:not(:first-child){border-top:1px solid var(--line)}
  .faults tbody th,.slos:not(.trials) tbody th{flex:1 1 60%}
  .faults td:nth-of-type(2){flex-basis:100%}
  .faults .before::after{content:" →";color:var(--muted)}
  .faults .back{margin-left:auto}
  .faults .back::before{content:"back after ";color:var(--muted)}
  .faults td.n:last-child:not(.back){display:none}
  .slos:not(.trials) tbody tr:not(.why) td{order:2}
  .slos:not(.trials) tbody tr:not(.why) td:last-child{order:1}
  .slos .n::before{color:var(--muted);font-size:12px}
  .slos:not(.trials) .n:nth-of-type(1)::before{content:"baseline "}
  .slos:not(.trials) .n:nth-of-type(2)::before{content:"fault "}
  .slos:not(.trials) .n:nth-of-type(3)::before{content:"recovery "}
  .slos:not(.trials) .n:nth-of-type(4)::before,.slos.alone:not(.trials) .n:nth-of-type(2)::before{content:"target "}
  .slos:not(.trials) .n:nth-of-type(5)::before,.slos.alone:not(.trials) .n:nth-of-type(3)::before{content:"98% interval "}
  .slos:not(.trials) .why{display:block;padding:2px 0 10px;margin-bottom:10px;border-bottom:1px solid var(--line)}
  .slos:not(.trials) .why:last-child{border-bottom:0;margin-bottom:0}
  .slos .why td{display:block}
  .trials th,.trials td{padding-left:4px;padding-right:4px}
  .trials thead th,.trials td.n{white-space:normal}
  .slos.trials tbody th{min-width:4em}
  .dense:not(.requests) td.n{white-space:nowrap}
  .requests,.requests tbody{display:block}
  .requests thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  .requests tbody tr{display:flex;flex-wrap:wrap;gap:2px 12px;padding:6px 0;border-top:1px solid var(--grid)}
  .requests tbody tr>*{padding:0;border:0;text-align:left;min-width:0}
  .requests tbody th{flex:1 1 100%;font-weight:600}
  .requests td::before{content:attr(data-label) " ";color:var(--muted);font-size:12px}
}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media print{
  body{background:#fff;font-size:11pt}
  main{max-width:none;padding:0}
  .tools,.hint:not(.limit),button.quiet,.where{display:none!important}
  .scroll{overflow:visible}
  .hero,.chart,.glance tr,.slos tr{break-inside:avoid}
  .card,.fold{break-inside:auto;border-color:#ccc}
  h2,.card>summary{break-after:avoid}
  .slos,.glance{font-size:9.5pt}.slos th,.slos td,.glance th,.glance td{padding-left:5px;padding-right:5px}
  .dense{font-size:7pt}.dense th,.dense td{padding:2px 3px}
  pre{max-height:none}
  *{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
@page{margin:14mm}
`;
