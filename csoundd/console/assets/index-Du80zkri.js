const __vite__mapDeps=(i,m=__vite__mapDeps,d=(m.f||(m.f=["./pairing-g36TMsIH.js","./elements-B6tHuZJG.js","./rolldown-runtime-WkwZ5CU-.js","./dialog-DZOZwzIT.js","./token-CFiq-4Cx.js"])))=>i.map(i=>d[i]);
import{A as e,C as t,D as n,O as r,S as i,h as a,j as o,k as s,v as c}from"./elements-B6tHuZJG.js";var l=50,u=new Set([`ready`,`playing`,`paused`,`ended`]),ee=class extends EventTarget{#e;#t;#n;#r=``;#i=[];#a=!1;constructor(e){super(),this.#e=e,e.onState(e=>{e===`connected`&&this.#o()}),e.subscribe(`engine`,{},e=>{this.#s(e)})}get info(){return this.#t}get state(){return this.#n}get piece(){return this.#t?.piece??``}get reason(){return this.#r}get incidents(){return this.#i}get isLive(){return this.#n!==void 0&&u.has(this.#n)}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}async#o(){let e=await this.#e.cs?.engine.info().catch(()=>void 0);e!==void 0&&(this.#t=e,this.#n=e.state,this.isLive&&(this.#r=``),this.dispatchEvent(new Event(`change`)))}#s({event:e,state:t,reason:n,restored:r}){e!==`recorded`&&(this.#n=t,e===`died`?(this.#a=!0,this.#c(`It died: ${n??`nobody knows why`}`,!0)):e===`failed`?(this.#a=!1,this.#c(`It is given up: ${n??`it died again and again`}`,!0)):e===`reanchored`?this.#c(n??`the clock was late and starts anew`,!0):this.#a&&this.isLive?(this.#a=!1,this.#c(`It is back${te(r)}`,!1)):n!==null&&t===`paused`&&this.#c(n,!1),this.#r=this.isLive?``:n??this.#r,this.dispatchEvent(new Event(`change`)),this.#o())}#c(e,t){this.#i=[{when:new Date,text:e,isBad:t},...this.#i].slice(0,l)}};function te(e){let t=Object.entries(e??{}).flatMap(([e,t])=>typeof t==`number`&&t>0?[`${t} ${e}`]:[]);return t.length===0?``:`, with ${t.join(`, `)}`}var d=new WeakMap;function f(e){let t=d.get(e)??new ee(e);return d.set(e,t),t}function p(e,t,n,r){return{name:e,title:n,about:r,text:()=>m(t)}}async function m(e){let t=await fetch(e);if(!t.ok)throw Error(`${e.pathname} was not found`);return t.text()}var h=p(`keys.csd`,new URL(new URL(`keys-B5DOhFtw.csd`,import.meta.url).href,``+import.meta.url),`Just a keyboard`,`One instrument, silent until you play it`),g=[p(`lantern.csd`,new URL(new URL(`lantern-DN3vyHvp.csd`,import.meta.url).href,``+import.meta.url),`Lantern`,`A synthesizer in A minor that plays until you do`),p(`drift.csd`,new URL(new URL(`drift-BbthruOB.csd`,import.meta.url).href,``+import.meta.url),`Drift`,`Bells, slow chords and wind, for ever`),p(`glasshouse.csd`,new URL(new URL(`glasshouse-XExxOQ3m.csd`,import.meta.url).href,``+import.meta.url),`Glasshouse`,`A pane of glass becomes a cloud of grains`),p(`canon.csd`,new URL(new URL(`canon-DYR_psv8.csd`,import.meta.url).href,``+import.meta.url),`Canon`,`Three lutes over a bass, then bowed strings`),p(`live.csd`,new URL(new URL(`live-BU6dd6Vj.csd`,import.meta.url).href,``+import.meta.url),`Live`,`A beat, a bass and plucked strings, to be rewritten`),p(`harbour.csd`,new URL(new URL(`harbour-05ITSwq3.csd`,import.meta.url).href,``+import.meta.url),`Harbour`,`Crossing echoes and a shimmering room`),p(`nightcap.csd`,new URL(new URL(`nightcap-CoR3P7t0.csd`,import.meta.url).href,``+import.meta.url),`Nightcap`,`An electric piano with bass and brushes, for MIDI keys`)];function _(t){return e`<svg viewBox="0 0 16 16" aria-hidden="true"><path d=${t}></path></svg>`}var v=_(`M4 2.5v11l9-5.5z`),y=_(`M4 2.5h3v11H4zM9 2.5h3v11H9z`),b=_(`M3.5 3.5h9v9h-9z`),x=_(`M3 3h2v10H3zM13.5 3v10L6 8z`),ne=_(`M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z`),re=_(`M2 6v4h2.6L8 13V3L4.600 6zM10 5.200a3.500 3.500 0 0 1 0 5.600M11.600 3.200a6 6 0 0 1 0 9.600l-.8-1a4.700 4.700 0 0 0 0-7.600z`),S=_(`M7 2h2v6h3l-4 4-4-4h3zM3 13h10v1.500H3z`),C=_(`M7 11h2V6h3L8 2 4 6h3zM3 13h10v1.500H3z`),w=_(`M3.700 2.600 8 6.900l4.300-4.300 1.100 1.100L9.100 8l4.300 4.300-1.100 1.100L8 9.100l-4.300 4.300-1.100-1.100L6.900 8 2.600 3.700z`),ie=_(`M10 2.500 4.500 8l5.500 5.500 1.200-1.200L6.900 8l4.300-4.300z`),ae=_(`M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 1.500v9a4.500 4.500 0 0 1 0-9z`),oe=_(`M4.500 1h7a1 1 0 0 1 1 1v12a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1V2a1 1 0 0 1 1-1zM5 3v8.500h6V3zm2 10v1h2v-1z`),se=12,T=class extends EventTarget{#e;#t=``;#n=``;#r=[];constructor(e){super(),this.#e=e}get loading(){return this.#t}get failed(){return this.#n}get faults(){return this.#r}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}async load(e){if(this.#t!==``)return!1;[this.#t,this.#n,this.#r]=[e.name,``,[]],this.#o();let t=await this.#e.attempt(async t=>{let n=await e.text?.(),r=await t.engine.load(n??null,e.path??e.name);return r.ok||(this.#n=e.name),await this.#i(r.diagnostics,e,n),r.ok});return this.#t=``,this.#o(),t===!0&&this.#e.channels.refresh(),t===!0}dismiss(){[this.#n,this.#r]=[``,[]],this.#o()}async#i(e,t,n){let r=e.slice(0,se),i=[];r.some(({line:e,file:t})=>e>0&&t===``)&&(i=(n??await this.#a(t.path??``)).split(/\r\n|\r|\n/)),this.#r=r.map(({line:e,file:t,message:n,severity:r})=>({line:e,file:t,message:n,severity:r,source:t===``&&e>0?i[e-1]?.trim()??``:``}))}async#a(e){let t=await this.#e.fetch(`files/${E(e)}`).catch(()=>void 0);return t?.ok===!0?await t.text():``}#o(){this.dispatchEvent(new Event(`change`))}};function E(e){return e.split(`/`).map(encodeURIComponent).join(`/`)}var D=new WeakMap;function O(e){let t=D.get(e)??new T(e);return D.set(e,t),t}var ce=44;function le(e,t,n){let[r,i]=[e[0],e.at(-1)],a=i?.channels??1,o=i===void 0?0:i.sample+i.samples.length/a,s=Math.max(r?.sample??0,o-Math.round(n*t)),c=new Int16Array((o-s)*a);for(let{sample:t,samples:n}of e){let e=(t-s)*a;for(let t=Math.max(0,-e);t<n.length;t+=1)c[e+t]=Math.round(Math.max(-1,Math.min(1,n[t]??0))*32767)}return new Blob([ue(t,a,c.byteLength),c],{type:`audio/wav`})}function ue(e,t,n){let r=new DataView(new ArrayBuffer(ce)),i=(e,t)=>{for(let n=0;n<t.length;n+=1)r.setUint8(e+n,t.charCodeAt(n))};return i(0,`RIFF`),r.setUint32(4,36+n,!0),i(8,`WAVEfmt `),r.setUint32(16,16,!0),r.setUint16(20,1,!0),r.setUint16(22,t,!0),r.setUint32(24,e,!0),r.setUint32(28,e*t*2,!0),r.setUint16(32,t*2,!0),r.setUint16(34,16,!0),i(36,`data`),r.setUint32(40,n,!0),r.buffer}var k=256,A=60,de=class extends EventTarget{#e;#t;#n=!1;#r=`steady`;#i=1;#a=[];#o=0;#s=48e3;#c;constructor(e){super(),this.#e=e,e.addEventListener(`client`,()=>{this.#t!==void 0&&this.stop().then(()=>this.start())})}get state(){return this.#n?`buffering`:this.#t?.state??`off`}get reason(){return this.#t?.reason??``}get statistics(){return this.#t?.statistics}get safety(){return this.#r}set safety(e){this.#r=e,this.#t?.setSafety(e),this.#d()}get volume(){return this.#i}set volume(e){this.#i=e,this.#t!==void 0&&(this.#t.volume=e),this.#d()}get kept(){return Math.min(A,this.#o/this.#s)}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}async start(){if(this.#n||this.#t!==void 0)return;this.#n=!0,this.#d();let e=await this.#e.attempt(async e=>(globalThis.isSecureContext||await this.#l(),e.listen({safety:this.#r,volume:this.#i,block:k})));this.#n=!1,e!==void 0&&(this.#t=e,e.onState=t=>{t===`closed`&&this.#t===e&&this.stop(),this.#d()},e.reason===void 0&&this.#u()),this.#d()}async stop(){let e=this.#t;this.#t=void 0,this.#c?.(),this.#c=void 0,this.#d(),await e?.close()}lastMinute(){return this.#a.length===0?void 0:le(this.#a,this.#s,A)}async#l(){this.#e.token!==void 0&&await this.#e.fetch(`cookie`,{method:`POST`})}#u(){[this.#a,this.#o]=[[],0],this.#e.cs?.csound.sr().then(e=>{this.#s=e},()=>void 0),this.#c=this.#e.subscribe(`spout`,{block:k},(e,t)=>{let n=e.shape[1]??1,r=this.#a.at(-1);if(r!==void 0&&(t.sample<=r.sample||n!==r.channels)&&([this.#a,this.#o]=[[],0],this.#e.cs?.csound.sr().then(e=>{this.#s=e},()=>void 0)),this.#a.push({sample:t.sample,channels:n,samples:e.data}),this.#o+=e.shape[0]??0,this.#o>65*this.#s){let e=this.#a.splice(0,Math.ceil(5*this.#s/k));for(let t of e)this.#o-=t.samples.length/t.channels}})}#d(){this.dispatchEvent(new Event(`change`))}},j=new WeakMap;function M(e){let t=j.get(e)??new de(e);return j.set(e,t),t}var N=class extends n{#e=[];async focusOn(e){this.requestUpdate(),await this.updateComplete,this.renderRoot.querySelector(e)?.focus()}connectedCallback(){super.connectedCallback(),this.connection=c(this),this.#e=this.begin(this.connection)}disconnectedCallback(){super.disconnectedCallback();for(let e of this.#e)e();this.#e=[]}},P=o`
  * { box-sizing: border-box; }
  :host { display: block; color: var(--cs-text); font: var(--cs-size) / var(--cs-line) var(--cs-font); }
  [hidden] { display: none !important; }
  button, select, input {
    font: inherit;
    color: inherit;
  }
  button, select, input:not([type]), input[type="search"], input[type="password"] {
    min-height: var(--cs-control);
    padding: 0 10px;
    border: 1px solid var(--cs-line-strong);
    border-radius: var(--cs-radius);
    background: var(--cs-raised);
  }
  button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: 6px;
    cursor: pointer;
    white-space: nowrap;
    user-select: none;
  }
  button:hover:not(:disabled) { border-color: var(--cs-text-soft); }
  button:active:not(:disabled) { background: var(--cs-well); }
  button:disabled { color: var(--cs-text-soft); border-color: var(--cs-line-color); cursor: default; }
  button[aria-pressed="true"], button.primary {
    background: var(--cs-accent);
    border-color: var(--cs-accent);
    color: var(--cs-on-accent);
  }
  button.plain { border-color: transparent; background: transparent; padding: 0 6px; }
  button.plain:hover:not(:disabled) { border-color: var(--cs-line-strong); }
  button.icon { width: var(--cs-control); padding: 0; }
  :focus-visible { outline: 2px solid var(--cs-focus); outline-offset: 1px; }
  svg { width: 16px; height: 16px; fill: currentColor; flex: none; }
  .soft { color: var(--cs-text-soft); }
  .small { font-size: var(--cs-size-small); }
  .number { font-variant-numeric: tabular-nums; }
  .mono { font-family: var(--cs-mono); font-size: var(--cs-size-small); }
  .bad { color: var(--cs-error); }
  .row { display: flex; align-items: center; gap: var(--cs-gap); flex-wrap: wrap; }
  .grow { flex: 1; min-width: 0; }
  h2, h3 { margin: 0; font-size: var(--cs-size); font-weight: 600; }
  .visually-hidden {
    position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  }
`,F=[`as the system`,`light`,`dark`],I=`csoundd theme`;function L(){try{let e=localStorage.getItem(I);return F.find(t=>t===e)??F[0]}catch{return F[0]}}var R=L();function z(){return R}function B(){R=F[(F.indexOf(R)+1)%F.length]??F[0];try{localStorage.setItem(I,R)}catch{}V()}function V(){R===`as the system`?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=R}V();var H=class extends N{static{this.styles=[P,o`
      dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 0; }
      dt { color: var(--cs-text-soft); }
      dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
      ol { margin: 8px 0 0; padding: 0; list-style: none; max-height: 108px; overflow: auto; }
      li { padding: 2px 0; border-top: 1px solid var(--cs-line-color); font-size: var(--cs-size-small); }
      .row { margin-top: 8px; }
    `]}#e;#t=!1;begin(e){this.#e=f(e);let t=()=>{this.requestUpdate()};return[this.#e.onChange(t),e.onState(t)]}render(){let{info:e,state:t,reason:n,incidents:i}=this.#e;if(e===void 0)return s`<p class="soft">Not known yet.</p>`;let{sr:a,ksmps:o,nchnls:c}=e.format,l=Object.keys(e.unsupported).length,u=this.connection.cs?.welcome.scopes.includes(`admin`)??!1;return s`
      <dl>
        <dt>Engine</dt><dd>${e.backend}${e.version===null?r:s`, Csound ${pe(e.version)}`}</dd>
        <dt>State</dt><dd class=${this.#e.isLive?``:`bad`}><span role="status">${t}${n===``?r:s`: ${n}`}</span></dd>
        ${a===void 0?r:s`<dt>Sound</dt><dd>${a} Hz, ${c===1?`mono`:c===2?`stereo`:s`${c} channels`}, ksmps ${o}</dd>`}
        <dt>Paced by</dt><dd>${fe[e.drive]}</dd>
        <dt>Process</dt><dd>${e.pid??`none`}, epoch ${e.epoch}${l===0?r:s`, ${l} methods unsupported`}</dd>
      </dl>
      <div class="row">
        ${this.#t?s`<span class="grow small">What plays is over then, for everybody.</span>
              <button class="primary start" @keydown=${this.#r} @click=${this.#i}>Start a new one</button>
              <button @keydown=${this.#r} @click=${()=>{this.#n(!1)}}>Leave it</button>`:s`<button class="new" ?disabled=${!u} title=${u?`An empty engine in the place of this one`:`This needs a token with the scope admin`}
              @click=${()=>{this.#n(!0)}}>New engine…</button>`}
      </div>
      ${i.length===0?r:s`<ol aria-label="What befell the engine">
        ${i.map(({when:e,text:t,isBad:n})=>s`<li class=${n?`bad`:``}><span class="soft number">${e.toLocaleTimeString()}</span> ${t}</li>`)}
      </ol>`}
    `}#n(e){this.#t=e,this.focusOn(e?`.start`:`.new`)}#r=e=>{e.key===`Escape`&&this.#n(!1)};#i=()=>{this.#n(!1),this.connection.attempt(e=>e.engine.restart())}},fe={clock:`the clock`,device:`a sound card`,free:`nothing: as fast as it can`,step:`whoever steps it`};function pe(e){let[t,n]=[Math.floor(e/1e3),e%1e3],[r,i]=[Math.floor(n/10),n%10];return`${t}.${r}${i===0?``:`.${i}`}`}customElements.define(`csoundd-engine`,H);var U=class extends Error{constructor(e,t){super(e),this.name=`FileRefused`,this.status=t}},me=class extends EventTarget{#e;#t=``;#n=[];#r=``;#i;#a=[];#o;constructor(e){super(),this.#e=e,e.onState(e=>{e===`connected`&&this.list()}),e.subscribe(`engine`,{},({event:t,recording:n,reason:r})=>{t===`recorded`&&this.#i!==void 0&&n===this.#i.path&&(this.#s(this.#i),r!==null&&e.fail(new U(`It is not recorded any more: ${r}. What was recorded is kept.`)))})}get folder(){return this.#t}get entries(){return this.#n}get refusal(){return this.#r}get take(){return this.#i}get takes(){return this.#a}get uploading(){return this.#o}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}pathOf(e){return this.#t===``?e:`${this.#t}/${e}`}async list(e=this.#t){try{let{entries:t}=await(await this.#c(`files/${E(e)}`,{},e)).json();[this.#t,this.#n,this.#r]=[e,t,``]}catch(t){if(e!==``&&e===this.#t){await this.list(e.split(`/`).slice(0,-1).join(`/`));return}[this.#n,this.#r]=[[],t.message]}this.#l()}async upload(e,t){let n=this.#e.cs?.welcome.limits.file??1/0,[r,i]=[[],[]],a=t?{}:{"if-none-match":`*`};for(let o of e){this.#o=o.name,this.#l();try{if(o.size>n)throw new U(`${o.name} is larger than the daemon takes: ${K(n)}`);!t&&this.#n.some(({name:e})=>e===o.name)?i.push(o):(await this.#c(`files/${E(this.pathOf(o.name))}`,{method:`PUT`,body:o,headers:a},o.name),r.push(o.name))}catch(e){e instanceof U&&e.status===412?i.push(o):this.#e.fail(e)}}return this.#o=void 0,await this.list(),{sent:r,taken:i}}async remove(e){try{await this.#c(`files/${E(this.pathOf(e))}`,{method:`DELETE`},e)}catch(e){this.#e.fail(e)}await this.list()}async download(e){await this.#e.attempt(async t=>{let n=this.#e.httpUrl(`files/${E(e)}`);this.#e.token!==void 0&&(n+=`?ticket=${(await t.session.ticket(`/files/${E(e)}`)).ticket}`),W(n,e.split(`/`).at(-1)??e)})}async record(){let e=`take-${G(new Date)}.wav`;await this.#e.attempt(async n=>{try{await n.thread.record(e,24,4)}catch(e){throw e instanceof t?new t(`It is being recorded already. ${e.message}`,e.code,{}):e}this.#i={path:e,since:Date.now()},this.#l()})}async stopRecording(){let e=this.#i;await this.#e.attempt(e=>e.thread.stopRecord()),e!==void 0&&e===this.#i&&this.#s(e)}#s(e){this.#i=void 0,this.#a=[e.path,...this.#a],this.#l(),this.list()}async#c(e,t,n){let r;try{r=await this.#e.fetch(e,{cache:`no-store`,...t})}catch{throw new U(`${n}: the daemon does not answer`)}if(r.ok)return r;throw new U((await r.json().catch(()=>void 0))?.error?.message??`${n}: the daemon answers ${r.status}`,r.status)}#l(){this.dispatchEvent(new Event(`change`))}};function W(e,t){let n=document.createElement(`a`);[n.href,n.download]=[e,t],n.click()}function G(e){let t=e=>String(e).padStart(2,`0`);return`${`${e.getFullYear()}${t(e.getMonth()+1)}${t(e.getDate())}`}-${t(e.getHours())}${t(e.getMinutes())}${t(e.getSeconds())}`}function K(e){return e<1e3?`${e} B`:e<1e6?`${(e/1e3).toFixed(+(e<1e4))} kB`:`${(e/1e6).toFixed(+(e<1e7))} MB`}var q=new WeakMap;function J(e){let t=q.get(e)??new me(e);return q.set(e,t),t}var Y=/\.(csd|orc)$/i,he=class extends N{static{this.styles=[P,o`
      ul { list-style: none; margin: 0; padding: 0; }
      .list { max-height: 300px; overflow: auto; border: 1px solid var(--cs-line-color); border-radius: var(--cs-radius);
        background: var(--cs-well); }
      .list li { display: flex; align-items: center; gap: 4px; padding: 0 4px; min-height: var(--cs-control); }
      .list li + li { border-top: 1px solid var(--cs-line-color); }
      .name { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left;
        justify-content: flex-start; }
      .list button { min-height: calc(var(--cs-control) - 4px); }
      /* As far in as the name of what can be played, which has a sign before it. */
      .list li > .name:not(:has(svg)) { padding-left: 28px; }
      .examples { display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 10px; }
      .examples button { padding: 0 8px; }
      h3 { font-weight: 600; font-size: var(--cs-size-small); color: var(--cs-text-soft); margin: 0 0 4px; }
      .head { margin-bottom: 4px; }
      .head h3 { margin: 0; }
      .taken { margin-bottom: 6px; padding: 6px 8px; border: 1px solid var(--cs-line-strong); border-radius: var(--cs-radius); overflow-wrap: anywhere; }
      .fresh { background: var(--cs-accent-soft); }
    `]}static{this.properties={brief:{type:Boolean}}}#e;#t;#n=``;#r=new Set;#i=[];begin(e){this.#e=J(e),this.#t=O(e);let t=()=>{this.requestUpdate()};return[this.#e.onChange(t),this.#t.onChange(t),e.onState(t)]}async upload(e,t=!1){let{sent:n,taken:r}=await this.#e.upload(e,t);[this.#r,this.#i]=[new Set(n),r],r.length>0?this.focusOn(`.replace`):this.requestUpdate()}render(){let e=this.connection.cs?.welcome.scopes??[];return s`
      ${this.brief?r:s`<h3>Pieces that come along</h3>
        <div class="examples">${[h,...g].map(t=>this.#a(t,e.includes(`admin`)))}</div>`}
      ${this.#o(e.includes(`admin`),e.includes(`compile`))}
    `}#a(e,t){return s`<button title=${e.about} ?disabled=${!t||this.#t.loading!==``}
      @click=${()=>void this.#t.load(e)}>${e.title}</button>`}#o(e,t){let{folder:n,entries:i,refusal:a,uploading:o}=this.#e;return s`
      <div class="row head">
        ${n===``?r:s`<button class="plain icon" aria-label="The folder above" title="The folder above"
          @click=${()=>void this.#e.list(n.split(`/`).slice(0,-1).join(`/`))}>${ie}</button>`}
        <h3 class="grow">${n===``?`Workspace`:n}</h3>
        <span class="small soft" role="status">${o===void 0?``:`${o} is on its way`}</span>
        <button class="upload" ?disabled=${!t} title=${t?`Put files into this folder; or drop them anywhere`:`This needs a token with the scope compile`}
          @click=${()=>{this.#l?.click()}}>${C}Upload</button>
        <input type="file" multiple hidden aria-label="Files to upload" @change=${e=>{let t=e.target;this.upload([...t.files??[]]),t.value=``}} />
      </div>
      ${this.#i.length===0?r:s`<div class="row taken" role="alert" @keydown=${this.#f}>
        <span class="grow">${this.#i.map(({name:e})=>e).join(`, `)} ${this.#i.length===1?`is`:`are`} there already.</span>
        <button class="primary replace" @click=${()=>void this.#m()}>Replace</button>
        <button @click=${()=>{this.#p()}}>Leave it</button></div>`}
      <ul class="list" aria-label="Files">
        ${a===``?r:s`<li class="bad">${a}</li>`}
        ${a===``&&i.length===0?s`<li class="soft">Empty. Drop a .csd here.</li>`:r}
        ${this.#s(i).map(n=>this.#c(n,e,t))}
      </ul>
    `}#s(e){let t=({kind:e,name:t})=>e===`folder`?1:Y.test(t)?0:2;return e.filter(({name:e})=>!e.startsWith(`.`)).sort((e,n)=>t(e)-t(n)||e.name.localeCompare(n.name))}#c({name:e,kind:t,size:n},r,i){let a=this.#e.pathOf(e);if(t===`folder`)return s`<li><button class="plain name" @click=${()=>void this.#e.list(a)}>${e}/</button></li>`;let o=Y.test(e);return s`<li class=${this.#r.has(e)?`fresh`:``}>
      ${o?s`<button class="plain name" title="Play ${e}" aria-label="Play ${e}" ?disabled=${!r||this.#t.loading!==``}
            @click=${()=>void this.#t.load({name:e,path:a})}>${v}<span class="name">${e}</span></button>`:s`<span class="name" title=${e}>${e}</span>`}
      ${this.#n===e?s`<button class="bad doom" @keydown=${this.#d} @click=${()=>void this.#h(e)}>Delete it</button>
            <button @keydown=${this.#d} @click=${()=>{this.#u(``)}}>Keep it</button>`:s`<span class="small soft number">${n===null?``:K(n)}</span>
            <button class="plain icon" aria-label="Download ${e}" title="Download"
              @click=${()=>void this.#e.download(a)}>${S}</button>
            <button class="plain icon" data-delete=${e} aria-label="Delete ${e}" title="Delete" ?disabled=${!i}
              @click=${()=>{this.#u(e)}}>${w}</button>`}
    </li>`}get#l(){return this.renderRoot.querySelector(`input[type="file"]`)}#u(e){let t=this.#n;this.#n=e,this.focusOn(e===``?`[data-delete="${CSS.escape(t)}"]`:`.doom`)}#d=e=>{e.key===`Escape`&&this.#u(``)};#f=e=>{e.key===`Escape`&&this.#p()};#p(){this.#i=[],this.focusOn(`.upload`)}async#m(){let e=this.#i;this.#i=[],await this.upload(e,!0),this.focusOn(`.upload`)}async#h(e){this.#n=``,await this.#e.remove(e),this.focusOn(`.upload`)}};customElements.define(`csoundd-files`,he);var ge=[{value:`quick`,label:`Quick`,title:`Little delay, for playing; a weak network is heard`},{value:`steady`,label:`Steady`,title:`Less than a tenth of a second of delay on a good network`},{value:`safe`,label:`Safe`,title:`About a third of a second of delay, for a weak network`}],X={off:``,waiting:`waits for a click`,buffering:`waiting for sound`,playing:`listening`,interrupted:`taken by the system; a click goes on`,closed:``},_e=500,ve=class extends N{static{this.styles=[P,o`
      :host { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
      input[type="range"] { width: 84px; min-height: var(--cs-control); margin: 0; accent-color: var(--cs-accent); }
      select { padding: 0 4px; }
      .facts { font-size: var(--cs-size-small); color: var(--cs-text-soft); font-variant-numeric: tabular-nums; line-height: 1.25; }
      .listen { min-width: 92px; }
      @media (max-width: 700px) {
        :host { display: contents; }
        /* A phone has keys for its volume. */
        input[type="range"] { display: none; }
        select { order: 5; }
        .facts { order: 6; margin-left: auto; text-align: right; }
        .listen { order: 9; }
      }
    `]}#e;begin(e){this.#e=M(e);let t=()=>{this.requestUpdate()},n=setInterval(()=>{this.#e.state!==`off`&&this.requestUpdate()},_e);return[this.#e.onChange(t),e.onState(t),()=>{clearInterval(n)}]}render(){let e=this.#e,t=e.state!==`off`;return s`
      <button class="listen" aria-pressed=${t} title="Hear here what the engine plays"
        ?disabled=${!t&&this.connection.state!==`connected`}
        @click=${()=>void(t?e.stop():e.start())}>${re}Listen</button>
      <select aria-label="Safety of listening" title="How much delay for how much safety"
        @change=${t=>{e.safety=t.target.value}}>
        ${ge.map(({value:t,label:n,title:r})=>s`<option value=${t} title=${r} ?selected=${t===e.safety}>${n}</option>`)}
      </select>
      <input type="range" min="0" max="1" step="0.01" aria-label="Volume of this page" title="Volume of this page"
        .value=${String(e.volume)}
        @input=${t=>{e.volume=Number(t.target.value)}} />
      <span class="visually-hidden" role="status">${this.#t()}</span>
      ${t?s`<span class="facts">${this.#n()}</span>`:r}
    `}#t(){let{state:e}=this.#e;return X[e]}#n(){let{state:e,statistics:t,reason:n}=this.#e;if(e!==`playing`)return s`${X[e]}`;if(t===void 0)return s`<span title=${n}>some seconds late,<br />${isSecureContext?`by a plain player`:`since not over https`}</span>`;let{latency:r,underruns:i}=t,a=r===void 0?`–`:`${Math.round(r*1e3)} ms`;return s`${a} late<br />${i} ${i===1?`dropout`:`dropouts`}`}};customElements.define(`csoundd-listen`,ve);var Z={info:0,warning:1,error:2},ye={usual:`info`,all:`info`,warning:`warning`,error:`error`},be=/^\s*(?:rtevent:|B\s+\d|T\s+-?\d|chnl \d+ using instr|new alloc for|ftable \d+:|instr \S+ uses)/,Q=2e3,$=100,xe=/\u001b\[[0-9;]*m/g,Se=class extends N{static{this.styles=[P,o`
      :host { display: flex; flex-direction: column; min-height: 0; gap: var(--cs-gap); }
      .row { flex-wrap: nowrap; }
      input { width: 100%; }
      ol {
        flex: 1; min-height: 90px; overflow: auto; margin: 0; padding: 6px 8px; list-style: none;
        background: var(--cs-well); border: 1px solid var(--cs-line-color); border-radius: var(--cs-radius);
        font: var(--cs-size-small) / 1.45 var(--cs-mono); overflow-wrap: anywhere;
      }
      li { white-space: pre-wrap; }
      .warning { color: var(--cs-warning); }
      .error { color: var(--cs-error); }
      .counts { white-space: nowrap; }
    `]}#e=[];#t=0;#n=`usual`;#r=``;#i;#a=!0;begin(e){return[e.subscribe(`messages`,{level:`info`,since:0},e=>{this.#o(e)}),()=>{clearTimeout(this.#i)}]}#o({text:e,level:t}){let n=new Date().toLocaleTimeString();for(let r of e.replaceAll(xe,``).split(`
`))r.trim()!==``&&this.#e.push({id:this.#t++,text:r,level:t,time:n});this.#e.length>Q&&this.#e.splice(0,this.#e.length-Q),this.#i??=setTimeout(()=>{this.#i=void 0,this.requestUpdate()},$)}render(){let e=this.#r.toLowerCase(),t=this.#e.filter(({text:t,level:n})=>Z[n]>=Z[ye[this.#n]]&&t.toLowerCase().includes(e)).filter(({text:e,level:t})=>this.#n!==`usual`||t!==`info`||!be.test(e)).slice(-300),n=e=>this.#e.filter(t=>t.level===e).length,[i,o]=[n(`error`),n(`warning`)];return s`
      <div class="row">
        <select aria-label="Which messages" @change=${e=>{this.#n=e.target.value,this.requestUpdate()}}>
          <option value="usual" title="Without what is printed for every note">Usual</option>
          <option value="all">All</option>
          <option value="warning">Warnings</option>
          <option value="error">Errors</option>
        </select>
        <input class="grow" type="search" placeholder="Search" aria-label="Search the messages" @input=${e=>{this.#r=e.target.value,this.requestUpdate()}} />
        <span class="counts small" aria-live="polite">
          ${i>0?s`<span class="error">${i} ${i===1?`error`:`errors`}</span>`:r}
          ${o>0?s`<span class="warning">${o} ${o===1?`warning`:`warnings`}</span>`:r}
        </span>
        <button class="plain" ?disabled=${this.#e.length===0} @click=${this.#c}>Clear</button>
      </div>
      <ol tabindex="0" aria-label="Messages" @scroll=${this.#s}>
        ${a(t,({id:e})=>e,({text:e,level:t,time:n})=>s`<li class=${t} title=${n}>${e}</li>`)}
        ${t.length===0?s`<li class="soft">${this.#e.length===0?`Nothing yet.`:`None like that.`}</li>`:r}
      </ol>
    `}updated(){let e=this.renderRoot.querySelector(`ol`);e!==null&&this.#a&&(e.scrollTop=e.scrollHeight)}#s=e=>{let t=e.target;this.#a=t.scrollHeight-t.scrollTop-t.clientHeight<24};#c=()=>{this.#e=[],this.#a=!0,this.requestUpdate()}};customElements.define(`csoundd-messages`,Se);var Ce=1e3,we=class extends N{static{this.styles=[P,o`
      :host { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
      .record svg { color: var(--cs-error); }
      .record[aria-pressed="true"] { background: var(--cs-error); border-color: var(--cs-error); color: var(--cs-surface); }
      .record[aria-pressed="true"] svg { color: inherit; }
      .record { min-width: 92px; }
      @media (max-width: 700px) {
        :host { display: contents; }
        button { order: 4; }
      }
    `]}#e;#t;#n;begin(e){this.#e=J(e),this.#t=f(e),this.#n=M(e);let t=()=>{this.requestUpdate()},n=setInterval(()=>{(this.#e.take!==void 0||this.#n.state===`playing`)&&this.requestUpdate()},Ce);return[...[this.#e,this.#t,this.#n].map(e=>e.onChange(t)),e.onState(t),()=>{clearInterval(n)}]}render(){let{take:e,takes:t}=this.#e,[n]=t,{cs:i}=this.connection,a=i?.welcome.scopes.includes(`compile`)??!1,o=this.#t.state,c=a&&(o===`playing`||o===`paused`),l=e===void 0?0:Math.round((Date.now()-e.since)/1e3),u=Math.floor(this.#n.kept);return s`
      <button class="record" aria-pressed=${e!==void 0} ?disabled=${e===void 0?!c:i===void 0}
        title=${a?`Record what plays into a file of the workspace`:`This needs a token with the scope compile`}
        @click=${()=>void(e===void 0?this.#e.record():this.#e.stopRecording())}>
        ${ne}${e===void 0?`Record`:s`<span class="number">${Math.floor(l/60)}:${String(l%60).padStart(2,`0`)}</span>`}
      </button>
      ${e!==void 0||n===void 0?r:s`<button aria-label="Download the recording ${n}" title="Download ${n}"
        @click=${()=>void this.#e.download(n)}>${S}Take</button>`}
      ${u<1?r:s`<button title="Save what was heard here last, up to a minute, as a WAV file"
        @click=${this.#r}>Keep last ${u} s</button>`}
    `}#r=()=>{let e=this.#n.lastMinute();if(e===void 0)return;let t=URL.createObjectURL(e);W(t,`heard-${G(new Date)}.wav`),setTimeout(()=>{URL.revokeObjectURL(t)},6e4)}};customElements.define(`csoundd-record`,we);var Te={offline:`no engine`,starting:`starting`,ready:`nothing plays`,playing:`playing`,paused:`paused`,ended:`ended`,failed:`failed`},Ee=.8,De=class extends N{constructor(...e){super(...e),this.#t=`0:00.0`,this.#n=`–`,this.#r=0,this.#a=!1,this.toggle=()=>{this.connection.attempt(async e=>{switch(this.#e.state){case`playing`:return e.thread.pause();case`ended`:return await e.csound.rewindScore(),e.thread.play();default:return e.thread.play()}})},this.#s=()=>{this.connection.attempt(e=>e.csound.rewindScore())},this.#c=()=>{this.connection.attempt(e=>e.thread.stop())},this.#l=()=>{this.connection.panic()}}static{this.styles=[P,o`
      :host { display: flex; align-items: center; gap: var(--cs-gap) 12px; flex-wrap: wrap; }
      .buttons { display: flex; gap: 4px; }
      .buttons button { min-width: 38px; padding: 0; }
      .play { min-width: 52px !important; }
      dl { display: flex; gap: 16px; margin: 0; }
      dl div { min-width: 0; }
      dt { font-size: var(--cs-size-small); color: var(--cs-text-soft); line-height: 1.2; }
      dd { margin: 0; font-variant-numeric: tabular-nums; line-height: 1.25; white-space: nowrap; }
      .time { min-width: 5.2em; }
      .load { min-width: 3em; }
      .panic { border-color: var(--cs-error); color: var(--cs-error); font-weight: 600; }
      .state { min-width: 6.2em; }
      @media (max-width: 700px) {
        /* The parts stand in the page's own rows there. */
        :host { display: contents; }
        .buttons { order: 8; }
        .panic { order: 10; margin-left: auto; }
        dl { order: 2; width: 100%; justify-content: space-between; gap: 8px; }
        .time, .load, .state { min-width: 0; }
      }
    `]}#e;#t;#n;#r;#i;#a;begin(e){this.#e=f(e);let t=()=>{this.requestUpdate()};return[this.#e.onChange(t),e.onState(t),e.subscribe(`transport`,{rate:10},e=>{this.#o(e)})]}#o({scoreTime:e,cpuLoad:t,lateCycles:n}){let[r,i]=[Oe(e),`${Math.round(t*100)} %`];this.#i=this.#i===void 0||n<this.#i?n:this.#i;let a=n-this.#i;(r!==this.#t||i!==this.#n||a!==this.#r)&&([this.#t,this.#n,this.#r,this.#a]=[r,i,a,t>Ee],this.requestUpdate())}render(){let e=this.connection.state===`connected`,t=this.#e.state,n=t===`playing`,r=!e||!this.#e.isLive,i=e?t===void 0?`–`:Te[t]:`no connection`;return s`
      <div class="buttons" role="group" aria-label="Transport">
        <button title="Rewind the score" aria-label="Rewind" ?disabled=${r} @click=${this.#s}>${x}</button>
        <button class="play ${n?`primary`:``}" title=${n?`Pause (space)`:`Play (space)`}
          aria-label=${n?`Pause`:`Play`} ?disabled=${r} @click=${this.toggle}>${n?y:v}</button>
        <button title="Stop: the performance is over" aria-label="Stop" ?disabled=${r||t===`ended`}
          @click=${this.#c}>${b}</button>
      </div>
      <dl>
        <div class="state"><dt>State</dt><dd><span role="status">${i}</span></dd></div>
        <div class="time"><dt>Score</dt><dd>${this.#t}</dd></div>
        <div class="load"><dt>Load</dt><dd class=${this.#a?`bad`:``}>${this.#n}</dd></div>
        <div title="Cycles that were late since this page was opened"><dt>Late</dt>
          <dd class=${this.#r>0?`bad`:``}>${this.#r}</dd></div>
      </dl>
      <button class="panic" title="End every note at once" ?disabled=${r} @click=${this.#l}>Panic</button>
    `}#s;#c;#l};function Oe(e){let t=Math.floor(Math.max(0,e)*10),[n,r]=[Math.floor(t/600),t%600];return`${n}:${String(Math.floor(r/10)).padStart(2,`0`)}.${r%10}`}customElements.define(`csoundd-transport`,De);var ke=12e3,Ae=62,je=class extends N{static{this.styles=[P,o`
      :host { display: flex; flex-direction: column; min-height: 100dvh; }
      header {
        position: sticky; top: 0; z-index: 5; display: flex; align-items: center; gap: var(--cs-gap) 20px; flex-wrap: wrap;
        padding: 8px max(12px, env(safe-area-inset-left)); background: var(--cs-surface); border-bottom: 1px solid var(--cs-line-color);
      }
      h1 { margin: 0; font-size: 15px; font-weight: 650; letter-spacing: 0.01em; display: flex; align-items: baseline; gap: 8px; }
      h1 small { font-weight: 400; font-size: var(--cs-size-small); color: var(--cs-text-soft); max-width: 16em; overflow: hidden;
        text-overflow: ellipsis; white-space: nowrap; }
      .far { margin-left: auto; display: flex; align-items: center; gap: var(--cs-gap) 16px; flex-wrap: wrap; }
      .banner { padding: 6px 14px; background: var(--cs-error-soft); color: var(--cs-text); border-bottom: 1px solid var(--cs-line-color);
        display: flex; align-items: center; gap: 12px; flex-wrap: wrap; }
      .banner p { margin: 0; flex: 1; min-width: 12em; }
      main {
        flex: 1; display: grid; gap: 10px; padding: 10px max(10px, env(safe-area-inset-left));
        grid-template: "channels scope side" auto "channels messages side" 1fr "keyboard keyboard keyboard" auto / minmax(0, 1fr) minmax(280px, 25%) minmax(250px, 22%);
      }
      section { min-width: 0; overflow-x: clip; background: var(--cs-surface); border: 1px solid var(--cs-line-color); border-radius: 6px; padding: 10px 12px; }
      section > h2 { margin: 0 0 8px; font-size: var(--cs-size-small); font-weight: 600; color: var(--cs-text-soft); }
      [data-panel="channels"] { grid-area: channels; }
      [data-panel="scope"] { grid-area: scope; display: grid; gap: 8px; align-content: start; }
      [data-panel="messages"] { grid-area: messages; display: flex; flex-direction: column; min-height: 200px; max-height: 46dvh; }
      [data-panel="messages"] csoundd-messages { flex: 1; }
      [data-panel="keyboard"] { grid-area: keyboard; }
      .break { display: none; }
      .side { grid-area: side; display: grid; gap: 10px; align-content: start; min-width: 0; }
      .meters { display: grid; gap: 8px; }
      @media (min-width: 1081px) and (min-height: 640px) {
        /* All of it in sight: what does not fit scrolls in its panel. */
        :host { height: 100dvh; }
        main { min-height: 0; grid-template-rows: auto minmax(0, 1fr) auto; }
        section, .side { overflow: hidden auto; }
        .side { grid-template-rows: minmax(160px, auto) auto; }
        [data-panel="scope"], [data-panel="keyboard"] { overflow: clip; }
        [data-panel="messages"] { max-height: none; min-height: 0; overflow: clip; }
      }
      @media (max-width: 1080px) {
        main { grid-template: "channels channels" auto "keyboard keyboard" auto "scope side" auto "messages side" 1fr / minmax(0, 1fr) minmax(0, 1fr); }
      }
      @media (max-width: 700px) {
        main { grid-template: "channels" auto "keyboard" auto "scope" auto "side" auto "messages" auto / minmax(0, 1fr); padding: 8px; gap: 8px; }
        header { gap: 8px; padding: 8px; top: var(--header-top, 0); }
        h1 { margin-right: auto; }
        .break { display: block; order: 7; width: 100%; }
        .far { display: contents; }
        .theme { order: 1; }
        main.is-empty { grid-template-areas: "channels" "keyboard" "side" "messages" "scope"; }
      }
      .start { display: grid; gap: 12px; align-content: start; }
      .start p { margin: 0; max-width: 60ch; }
      .start ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); gap: 8px; list-style: none; margin: 0; padding: 0; }
      .start li button { width: 100%; height: 100%; min-height: 62px; padding: 8px 12px; flex-direction: column; align-items: flex-start; gap: 1px;
        white-space: normal; text-align: left; }
      .start strong { font-weight: 600; font-size: calc(var(--cs-size) + 1px); }
      .faults { scroll-margin: 80px 0 10px; border: 1px solid var(--cs-error); border-radius: var(--cs-radius); padding: 8px 10px; margin-bottom: 10px; background: var(--cs-error-soft); }
      .faults ol { margin: 6px 0 0; padding: 0; list-style: none; display: grid; gap: 6px; }
      .faults pre { margin: 2px 0 0; padding: 3px 6px; font: var(--cs-size-small) / 1.4 var(--cs-mono); background: var(--cs-well); overflow: auto;
        border-radius: 3px; }
      .notices { position: fixed; right: 12px; bottom: 12px; z-index: 9; display: grid; gap: 8px; max-width: min(440px, calc(100vw - 24px)); }
      .notices div { display: flex; gap: 8px; align-items: start; padding: 8px 8px 8px 12px; background: var(--cs-raised); border: 1px solid var(--cs-error);
        border-left-width: 4px; border-radius: var(--cs-radius); box-shadow: 0 4px 18px #0005; white-space: pre-line; overflow-wrap: anywhere; }
      .notices span { flex: 1; max-height: 10em; overflow: auto; }
      .drop { position: fixed; inset: 8px; z-index: 8; display: grid; place-items: center; border: 2px dashed var(--cs-accent); border-radius: 10px;
        background: color-mix(in srgb, var(--cs-page) 82%, transparent); font-size: 20px; pointer-events: none; }
    `]}#e;#t;#n=[];#r=0;#i;#a=!1;#o=!1;#s;begin(e){this.#e=f(e),this.#t=O(e);let t=()=>{this.requestUpdate()},n=e=>{this.#m(e.detail.message)};e.addEventListener(`failure`,n),e.beforeNotes=async()=>{this.#l&&await(this.#s??=this.#p(h).finally(()=>{this.#s=void 0}))};let r=[[`keydown`,this.#_],[`dragover`,this.#v],[`dragleave`,this.#y],[`drop`,this.#b]];for(let[e,t]of r)addEventListener(e,t);return[e.onState(t),this.#e.onChange(t),this.#t.onChange(t),e.channels.watchList(e=>{this.#o=e.length>0,this.requestUpdate()}),()=>{e.removeEventListener(`failure`,n),e.beforeNotes=void 0;for(let[e,t]of r)removeEventListener(e,t)}]}firstUpdated(){i(()=>import(`./pairing-g36TMsIH.js`),__vite__mapDeps([0,1,2,3]),import.meta.url),i(()=>import(`./token-CFiq-4Cx.js`),__vite__mapDeps([4,1,2,3]),import.meta.url);let e=this.renderRoot.querySelector(`header`);e!==null&&this.#c.observe(e)}updated(){let{faults:e}=this.#t;e!==this.#i&&(this.#i=e,this.renderRoot.querySelector(`.faults`)?.scrollIntoView({block:`nearest`}))}#c=new ResizeObserver(([e])=>{let t=e?.target?.offsetHeight??0;this.style.setProperty(`--header-top`,`${Math.min(0,Ae-t)}px`)});get#l(){return this.#e.state===`ready`&&!this.#o}render(){let{piece:e}=this.#e,{loading:t}=this.#t;return s`
      <header data-panel="transport">
        <h1>csoundd <small role="status" title=${e}>${t===``?e:`loading ${t}…`}</small></h1>
        <csoundd-transport></csoundd-transport>
        <div class="far">
          <csoundd-record></csoundd-record>
          <csoundd-listen></csoundd-listen><span class="break"></span>
          <csoundd-pairing></csoundd-pairing>
          <button class="plain icon theme" title="Colours: ${z()}" aria-label="Colours: ${z()}" @click=${this.#g}>${ae}</button>
        </div>
      </header>
      ${this.#u()}
      <main class=${this.#l?`is-empty`:``}>
        <section data-panel="channels" aria-label="Channels">${this.#f()}${this.#l?this.#d():s`<csoundd-panel></csoundd-panel>
          ${this.#e.info===void 0||!this.#o?r:s`<csoundd-presets src=${Ne(e)}></csoundd-presets>`}`}</section>
        <section data-panel="scope" aria-label="Levels, scope and spectrum">
          <csoundd-meter horizontal></csoundd-meter><csoundd-scope></csoundd-scope><csoundd-spectrum></csoundd-spectrum>
        </section>
        <section data-panel="messages" aria-label="Messages"><h2>Messages</h2><csoundd-messages></csoundd-messages></section>
        <div class="side">
          <section data-panel="files" aria-label="Pieces and files"><csoundd-files ?brief=${this.#l}></csoundd-files></section>
          <section data-panel="engine" aria-label="Engine"><h2>Engine</h2><csoundd-engine></csoundd-engine></section>
        </div>
        <section data-panel="keyboard" aria-label="Keyboard"><csoundd-keyboard no-panic></csoundd-keyboard></section>
      </main>
      <csoundd-token></csoundd-token>
      <div class="notices" role="alert">${this.#n.map(({id:e,text:t})=>s`<div><span>${t}</span>
        <button class="plain icon" aria-label="Dismiss" @click=${()=>{this.#h(e)}}>${w}</button></div>`)}</div>
      ${this.#a?s`<div class="drop">Drop files into the workspace</div>`:r}
    `}#u(){let{state:e,reason:t,refusal:n}=this.connection;if(n===`protocol`)return s`<div class="banner" role="alert"><p>This page and the daemon do not understand each other: ${t}.
        Load the page anew; if that does not help, the daemon is of another version.</p>
        <button @click=${()=>{this.connection.retry()}}>Try again</button></div>`;if(e===`connecting`&&t!==``)return s`<div class="banner" role="status"><p>No connection: ${t}. It is tried again by itself.</p></div>`;if(e!==`connected`||this.#e.state===void 0||this.#e.isLive)return r;let i=this.#e.reason;return this.#e.state===`failed`?s`<div class="banner" role="alert"><p>The engine is given up${i===``?``:`: ${i}`}. Load another piece, or begin with an empty engine.</p>
        <button @click=${()=>void this.connection.attempt(e=>e.engine.restart())}>Empty engine</button></div>`:s`<div class="banner" role="status"><p>The engine is being brought back${i===``?``:`: ${i}`}.</p></div>`}#d(){let e=this.connection.cs?.welcome.scopes.includes(`admin`)??!1,t=t=>s`<li><button ?disabled=${!e||this.#t.loading!==``}
      @click=${()=>void this.#p(t)}><strong>${t.title}</strong><span class="small soft">${t.about}</span></button></li>`;return s`<div class="start">
      <p>Nothing is loaded. Choose a piece to hear it, play a key below, or drop a <span class="mono">.csd</span> of yours.</p>
      <ul aria-label="Pieces that come along">${[h,...g].map(t)}</ul>
    </div>`}#f(){let{failed:e,faults:t}=this.#t;return e===``&&t.length===0?r:s`<div class="faults" role="alert">
      <div class="row"><strong class="grow">${e===``?`It plays, but`:`${e} does not compile; what played goes on`}</strong>
        <button class="plain icon" aria-label="Dismiss" @click=${()=>{this.#t.dismiss()}}>${w}</button></div>
      <ol>${t.map(({line:e,file:t,message:n,source:i})=>s`<li>
        ${e===0?r:s`<strong>${t===``?``:`${t}, `}line ${e}</strong>: `}${n}
        ${i===``?r:s`<pre>${i}</pre>`}</li>`)}</ol>
    </div>`}async#p(e){this.#e.info?.drive!==`device`&&M(this.connection).start(),await this.#t.load(e)}#m(e){let t=Me(e),n=this.#r++;this.#n=[...this.#n.filter(e=>e.text!==t),{id:n,text:t}].slice(-4),this.requestUpdate(),setTimeout(()=>{this.#h(n)},ke)}#h(e){this.#n=this.#n.filter(t=>t.id!==e),this.requestUpdate()}#g=()=>{B(),this.requestUpdate()};#_=e=>{if(e.key!==` `||e.defaultPrevented||e.repeat)return;let t=e.composedPath()[0];t instanceof HTMLElement&&t.matches(`button, input, select, textarea, summary, a, [role], [tabindex]`)||(e.preventDefault(),this.renderRoot.querySelector(`csoundd-transport`)?.toggle())};#v=e=>{e.dataTransfer?.types.includes(`Files`)===!0&&(e.preventDefault(),this.#a||(this.#a=!0,this.requestUpdate()))};#y=e=>{e.relatedTarget===null&&(this.#a=!1,this.requestUpdate())};#b=e=>{let t=[...e.dataTransfer?.files??[]];t.length!==0&&(e.preventDefault(),this.#a=!1,this.requestUpdate(),this.renderRoot.querySelector(`csoundd-files`)?.upload(t))}};function Me(e){return e.trim().split(`
`).map(e=>{let t=e.replace(/^[a-z]+(?=[ ,])/,e=>e.charAt(0).toUpperCase()+e.slice(1));return/[.!?:]$/.test(t)?t:`${t}.`}).join(`
`)}function Ne(e){return e===``?`presets.json`:`${e.replace(/\.(csd|orc)$/i,``)}.presets.json`}customElements.define(`csoundd-console`,je);export{P as n,oe as r,N as t};