import{j as e,k as t}from"./elements-B6tHuZJG.js";var n=e`
  dialog { max-width: min(440px, calc(100vw - 32px)); border: 1px solid var(--cs-line-strong); border-radius: 8px; padding: 18px 20px;
    background: var(--cs-surface); color: inherit; box-shadow: 0 10px 40px #0008; }
  dialog::backdrop { background: #0008; }
  dialog h2 { font-size: 16px; margin-bottom: 8px; }
  dialog p { margin: 0 0 12px; }
  dialog code { font-family: var(--cs-mono); font-size: var(--cs-size-small); overflow-wrap: anywhere; }
`;function r(e,n,r){return t`<dialog aria-labelledby="title" @close=${r??i} @cancel=${r===void 0?i:void 0}>
    <h2 id="title">${e}</h2>
    ${n}
  </dialog>`}function i(e){e.preventDefault()}export{n,r as t};