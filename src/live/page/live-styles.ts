/** What the live page adds to the report's look. */
export const LIVE_STYLES = `
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.undecided{--tone:var(--accent);--soft:var(--none-soft)}
.live .hero{--tone:var(--accent);align-items:flex-start}
.live .hero.bad{--tone:var(--bad)}.live .hero.muted{--tone:var(--none)}
.live .headline{font-size:32px;margin:10px 0 6px;overflow-wrap:anywhere}
.live .reason{color:var(--muted);font-variant-numeric:tabular-nums;min-height:1.45em}
.connection{display:inline-block;margin-left:8px;padding:1px 9px;border-radius:999px;background:var(--none-soft);color:var(--none);letter-spacing:0;text-transform:none}
.connection.on{background:var(--good-soft);color:var(--good)}
.connection.lost{background:var(--bad-soft);color:var(--bad)}
.finished{margin-top:8px}
.halting{flex:none}
button.danger{border-color:var(--bad);color:var(--bad);font-weight:600;padding:8px 16px;min-height:40px;font-size:15px}
button.danger:hover:not(:disabled){background:var(--bad-soft);border-color:var(--bad)}
button.danger:disabled{border-color:var(--line);color:var(--muted)}
.now{display:grid;grid-template-columns:2fr repeat(4,1fr);gap:12px;margin-top:12px}
.now div{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:10px 16px 12px;min-width:0}
.now dd{font-size:20px;line-height:1.35;font-weight:650;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.now .wide dd{font-size:16px}
.now .since{display:block;font-size:13px;font-weight:400;color:var(--muted)}
.now .burning{border-color:var(--bad)}.now .burning dd{color:var(--bad)}
.now .burning dd .since{color:var(--muted)}
.now.signals{grid-template-columns:repeat(auto-fill,minmax(9em,1fr));gap:8px}
.now.signals[hidden]{display:none}
.now.signals div{padding:6px 12px 8px}
.now.signals dt{overflow-wrap:anywhere}
.now.signals dd{font-size:15px}
.budgets{background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:12px 16px;margin-top:12px;display:grid;gap:8px}
.budget{display:grid;grid-template-columns:minmax(9em,16em) 1fr 20em;gap:4px 14px;align-items:center;font-size:14px}
.budget code{overflow-wrap:anywhere}
.budget .track{height:8px;border-radius:4px;background:var(--none-soft);overflow:hidden}
.budget .track i{display:block;height:100%;border-radius:4px;background:var(--tone)}
.budget .text{font-variant-numeric:tabular-nums;color:var(--muted)}
.budget strong{color:var(--tone)}
.columns{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:24px}
.verdicts{list-style:none;padding:0;display:grid;gap:8px}
.verdicts>li:not(.hint){background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:12px 16px}
.verdicts .head{display:flex;justify-content:space-between;align-items:baseline;gap:12px;font-weight:600}
.verdicts .head span:first-child{overflow-wrap:anywhere;min-width:0}
.verdicts ul{list-style:none;padding:0;margin-top:6px;font-size:13px}
.verdicts ul li{display:flex;flex-wrap:wrap;gap:2px 10px;justify-content:space-between;padding:2px 0}
.verdicts ul b{color:var(--tone);font-weight:600;font-variant-numeric:tabular-nums}
.live .events{max-height:420px;overflow-y:auto;background:var(--surface);border:1px solid var(--line);border-radius:12px;padding:8px 14px}
.live .events .note-event span:last-child{font-weight:600}
.live .events li.hint{display:block;padding:2px 0}
.note{display:flex;flex-wrap:wrap;align-items:end;gap:8px;margin-bottom:10px}
.note .grow{flex:1 1 14em}
label{display:block;font-size:12px;font-weight:600;color:var(--muted)}
.tools label{display:inline;font-size:13px;font-weight:400}
input{font:inherit;font-size:16px;color:var(--ink);background:var(--surface);border:1px solid var(--muted);border-radius:8px;padding:4px 10px;min-height:36px;width:100%}
.note>div:first-child{flex:0 1 9em}
.note button{min-height:36px}
.refusal{color:var(--bad);font-weight:600;flex-basis:100%}
.refusal:empty{display:none}
dialog{border:1px solid var(--line);border-radius:12px;background:var(--surface);color:var(--ink);padding:20px 24px;width:min(440px,calc(100vw - 32px))}
dialog::backdrop{background:rgb(0 0 0/.45)}
dialog h2{margin:0 0 8px}
dialog form{display:grid;gap:12px}
.choices{display:flex;gap:10px}
.choices button{min-height:40px;padding:8px 16px;font-size:15px}
@media (max-width:860px){
  .columns{grid-template-columns:minmax(0,1fr);gap:0}
  .now,.now.signals{grid-template-columns:repeat(2,minmax(0,1fr))}
  .now .wide{grid-column:1/-1}
  .budget{grid-template-columns:1fr}
}
@media (max-width:720px){
  .live .headline{font-size:26px}
  .note .grow{flex-basis:100%}
  .halting button{width:100%}
}
`;
