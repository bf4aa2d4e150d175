import{b as e,j as t,k as n}from"./elements-B6tHuZJG.js";import{n as r,t as i}from"./dialog-DZOZwzIT.js";import{n as a,t as o}from"./index-Du80zkri.js";var s=class extends o{static{this.styles=[a,r,t`
      form { display: grid; gap: 10px; }
      label { display: grid; gap: 4px; }
      .ways { margin-top: 14px; }
      p:last-child { margin: 0; }
    `]}begin(e){return[e.onState(()=>{this.requestUpdate()})]}render(){return i(`A token, please`,n`
      <p role="status">${c(this.connection.reason)}.</p>
      <form @submit=${this.#e}>
        <input name="username" autocomplete="username" value="csoundd" hidden />
        <label>Token<input type="password" name="token" autocomplete="current-password" placeholder="csd_…" required spellcheck="false" /></label>
        <button class="primary" type="submit">Connect</button>
      </form>
      <p class="ways">On the daemon's machine, <code>csoundd pair</code> shows a QR code and a link that let this browser in without
        typing, for channels and notes; <code>csoundd token create --scope admin</code> prints a token for all of it. Both take the
        <code>--state DIR</code> that the daemon was started with.</p>
      <p class="small soft">This browser keeps the token for this address until it is refused.</p>`)}updated(){let t=this.renderRoot.querySelector(`dialog`),n=this.connection.refusal===`token`;t!==null&&t.open!==n&&(n?(e(void 0),t.showModal()):t.close())}#e=t=>{t.preventDefault();let n=t.target,r=new FormData(n).get(`token`);typeof r==`string`&&r.trim()!==``&&(n.reset(),e(r.trim()),this.connection.useToken(r.trim()))}};function c(e){return e.charAt(0).toUpperCase()+e.slice(1)}customElements.define(`csoundd-token`,s);export{s as TokenPanel};