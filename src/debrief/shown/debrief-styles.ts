/** Styles of the debrief beyond those of the report. */
export const DEBRIEF_STYLES = `
.first{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:12px;margin-top:16px}
.first section,.box{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:16px 24px 18px}
.first h2{margin:0 0 8px}
.first ul{padding-left:20px;font-size:16px;display:grid;gap:8px}
.debrief .quiet{color:var(--muted)}
.debrief .findings.box{max-width:none;margin:0}
.debrief .findings.box li{padding-left:26px}
.debrief .findings.box li::before{left:4px}
.debrief .glance td p+p{margin-top:4px}
.debrief .glance tbody th{min-width:10em;max-width:26em}
.debrief .glance small{font-weight:400;color:var(--muted)}
@media (min-width:561px){.side-by-side thead th:nth-child(1){width:20%}.side-by-side thead th:nth-child(2){width:26%}.side-by-side thead th:nth-child(3){width:40%}}
.debrief .glance td .quiet{font-size:14px}
.plain{list-style:none;padding:0;margin-top:6px;display:grid;gap:6px}
.debrief section>.hint{margin-top:8px}
.debrief .events li.note span:last-child,.debrief .events li.halt span:last-child{font-weight:600}
.debrief .events li.scenario,.debrief .events li.day{color:var(--muted)}
@media (max-width:720px){.first{grid-template-columns:minmax(0,1fr)}.first section,.box{padding:14px 16px}}
/* On a phone each row is a block, and each value has its name. */
@media screen and (max-width:560px){
  .stack,.stack tbody{display:block}
  .stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
  .stack tbody tr{display:grid;gap:6px;padding:12px 16px}
  .stack tbody tr:not(:first-child){border-top:1px solid var(--line)}
  .stack tbody tr>*{padding:0!important;border:0!important;min-width:0}
  .stack:not(.side-by-side) tbody tr{display:flex;flex-wrap:wrap;gap:4px 14px}
  .stack:not(.side-by-side) tbody th{flex:1 1 100%;max-width:none}
  .stack td[data-label]::before{content:attr(data-label) " ";color:var(--muted);font-size:12px}
  .side-by-side td[data-label]::before{display:block}
  .debrief .events li{grid-template-columns:64px 1fr;gap:0 8px;padding:5px 0}
  .debrief .events li span:last-child{grid-column:1/-1}
}
@media print{.first section,.box,.stack tr{break-inside:avoid}}
`;
