import{O as e,j as t,k as n}from"./elements-B6tHuZJG.js";import{n as r,r as i,t as a}from"./index-Du80zkri.js";import{n as o,t as s}from"./dialog-DZOZwzIT.js";var c=class extends a{static{this.styles=[r,o,t`
      img { display: block; width: 240px; height: 240px; margin: 0 auto 12px; background: #fff; border-radius: 6px; padding: 8px; }
      a { color: inherit; overflow-wrap: anywhere; }
      @media (max-width: 700px) { :host { display: contents; } button.open { order: 1; } }
    `]}#e;begin(e){return[e.onState(()=>{this.requestUpdate()})]}render(){if(this.connection.cs?.welcome.scopes.includes(`admin`)!==!0)return e;let t=this.#e;return n`
      <button class="plain icon open" title="Play it from a phone" aria-label="Play it from a phone" @click=${this.#n}>${i}</button>
      ${s(`Play it from a phone`,n`
        ${t===void 0?e:n`
          <p>Scan this with the phone's camera within two minutes. It is good once, for channels and notes.</p>
          <img alt="QR code of the link below" src="data:image/svg+xml,${encodeURIComponent(t.svg)}" />
          <p class="small"><a href=${t.link}>${t.link}</a></p>`}
        <button @click=${()=>{this.#t?.close()}}>Done</button>`,this.#r)}`}get#t(){return this.renderRoot.querySelector(`dialog`)}#n=async()=>{this.#e=await this.connection.attempt(e=>e.pairing.create()),this.requestUpdate(),await this.updateComplete,this.#e!==void 0&&this.#t?.showModal()};#r=()=>{this.#e=void 0,this.requestUpdate()}};customElements.define(`csoundd-pairing`,c);export{c as PairingPanel};