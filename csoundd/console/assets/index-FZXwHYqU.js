import{a as e,r as t,s as n}from"./connection-CifESvK2.js";var r=globalThis,i=r.ShadowRoot&&(r.ShadyCSS===void 0||r.ShadyCSS.nativeShadow)&&`adoptedStyleSheets`in Document.prototype&&`replace`in CSSStyleSheet.prototype,a=Symbol(),o=new WeakMap,s=class{constructor(e,t,n){if(this._$cssResult$=!0,n!==a)throw Error("CSSResult is not constructable. Use `unsafeCSS` or `css` instead.");this.cssText=e,this.t=t}get styleSheet(){let e=this.o,t=this.t;if(i&&e===void 0){let n=t!==void 0&&t.length===1;n&&(e=o.get(t)),e===void 0&&((this.o=e=new CSSStyleSheet).replaceSync(this.cssText),n&&o.set(t,e))}return e}toString(){return this.cssText}},c=e=>new s(typeof e==`string`?e:e+``,void 0,a),l=(e,...t)=>new s(e.length===1?e[0]:t.reduce((t,n,r)=>t+(e=>{if(!0===e._$cssResult$)return e.cssText;if(typeof e==`number`)return e;throw Error(`Value passed to 'css' function must be a 'css' function result: `+e+`. Use 'unsafeCSS' to pass non-literal values, but take care to ensure page security.`)})(n)+e[r+1],e[0]),e,a),u=(e,t)=>{if(i)e.adoptedStyleSheets=t.map(e=>e instanceof CSSStyleSheet?e:e.styleSheet);else for(let n of t){let t=document.createElement(`style`),i=r.litNonce;i!==void 0&&t.setAttribute(`nonce`,i),t.textContent=n.cssText,e.appendChild(t)}},d=i?e=>e:e=>e instanceof CSSStyleSheet?(e=>{let t=``;for(let n of e.cssRules)t+=n.cssText;return c(t)})(e):e,{is:f,defineProperty:p,getOwnPropertyDescriptor:m,getOwnPropertyNames:ee,getOwnPropertySymbols:te,getPrototypeOf:ne}=Object,h=globalThis,re=h.trustedTypes,ie=re?re.emptyScript:``,ae=h.reactiveElementPolyfillSupport,g=(e,t)=>e,_={toAttribute(e,t){switch(t){case Boolean:e=e?ie:null;break;case Object:case Array:e=e==null?e:JSON.stringify(e)}return e},fromAttribute(e,t){let n=e;switch(t){case Boolean:n=e!==null;break;case Number:n=e===null?null:Number(e);break;case Object:case Array:try{n=JSON.parse(e)}catch{n=null}}return n}},oe=(e,t)=>!f(e,t),se={attribute:!0,type:String,converter:_,reflect:!1,useDefault:!1,hasChanged:oe};Symbol.metadata??=Symbol(`metadata`),h.litPropertyMetadata??=new WeakMap;var v=class extends HTMLElement{static addInitializer(e){this._$Ei(),(this.l??=[]).push(e)}static get observedAttributes(){return this.finalize(),this._$Eh&&[...this._$Eh.keys()]}static createProperty(e,t=se){if(t.state&&(t.attribute=!1),this._$Ei(),this.prototype.hasOwnProperty(e)&&((t=Object.create(t)).wrapped=!0),this.elementProperties.set(e,t),!t.noAccessor){let n=Symbol(),r=this.getPropertyDescriptor(e,n,t);r!==void 0&&p(this.prototype,e,r)}}static getPropertyDescriptor(e,t,n){let{get:r,set:i}=m(this.prototype,e)??{get(){return this[t]},set(e){this[t]=e}};return{get:r,set(t){let a=r?.call(this);i?.call(this,t),this.requestUpdate(e,a,n)},configurable:!0,enumerable:!0}}static getPropertyOptions(e){return this.elementProperties.get(e)??se}static _$Ei(){if(this.hasOwnProperty(g(`elementProperties`)))return;let e=ne(this);e.finalize(),e.l!==void 0&&(this.l=[...e.l]),this.elementProperties=new Map(e.elementProperties)}static finalize(){if(this.hasOwnProperty(g(`finalized`)))return;if(this.finalized=!0,this._$Ei(),this.hasOwnProperty(g(`properties`))){let e=this.properties,t=[...ee(e),...te(e)];for(let n of t)this.createProperty(n,e[n])}let e=this[Symbol.metadata];if(e!==null){let t=litPropertyMetadata.get(e);if(t!==void 0)for(let[e,n]of t)this.elementProperties.set(e,n)}this._$Eh=new Map;for(let[e,t]of this.elementProperties){let n=this._$Eu(e,t);n!==void 0&&this._$Eh.set(n,e)}this.elementStyles=this.finalizeStyles(this.styles)}static finalizeStyles(e){let t=[];if(Array.isArray(e)){let n=new Set(e.flat(1/0).reverse());for(let e of n)t.unshift(d(e))}else e!==void 0&&t.push(d(e));return t}static _$Eu(e,t){let n=t.attribute;return!1===n?void 0:typeof n==`string`?n:typeof e==`string`?e.toLowerCase():void 0}constructor(){super(),this._$Ep=void 0,this.isUpdatePending=!1,this.hasUpdated=!1,this._$Em=null,this._$Ev()}_$Ev(){this._$ES=new Promise(e=>this.enableUpdating=e),this._$AL=new Map,this._$E_(),this.requestUpdate(),this.constructor.l?.forEach(e=>e(this))}addController(e){(this._$EO??=new Set).add(e),this.renderRoot!==void 0&&this.isConnected&&e.hostConnected?.()}removeController(e){this._$EO?.delete(e)}_$E_(){let e=new Map,t=this.constructor.elementProperties;for(let n of t.keys())this.hasOwnProperty(n)&&(e.set(n,this[n]),delete this[n]);e.size>0&&(this._$Ep=e)}createRenderRoot(){let e=this.shadowRoot??this.attachShadow(this.constructor.shadowRootOptions);return u(e,this.constructor.elementStyles),e}connectedCallback(){this.renderRoot??=this.createRenderRoot(),this.enableUpdating(!0),this._$EO?.forEach(e=>e.hostConnected?.())}enableUpdating(e){}disconnectedCallback(){this._$EO?.forEach(e=>e.hostDisconnected?.())}attributeChangedCallback(e,t,n){this._$AK(e,n)}_$ET(e,t){let n=this.constructor.elementProperties.get(e),r=this.constructor._$Eu(e,n);if(r!==void 0&&!0===n.reflect){let i=(n.converter?.toAttribute===void 0?_:n.converter).toAttribute(t,n.type);this._$Em=e,i==null?this.removeAttribute(r):this.setAttribute(r,i),this._$Em=null}}_$AK(e,t){let n=this.constructor,r=n._$Eh.get(e);if(r!==void 0&&this._$Em!==r){let e=n.getPropertyOptions(r),i=typeof e.converter==`function`?{fromAttribute:e.converter}:e.converter?.fromAttribute===void 0?_:e.converter;this._$Em=r;let a=i.fromAttribute(t,e.type);this[r]=a??this._$Ej?.get(r)??a,this._$Em=null}}requestUpdate(e,t,n,r=!1,i){if(e!==void 0){let a=this.constructor;if(!1===r&&(i=this[e]),n??=a.getPropertyOptions(e),!((n.hasChanged??oe)(i,t)||n.useDefault&&n.reflect&&i===this._$Ej?.get(e)&&!this.hasAttribute(a._$Eu(e,n))))return;this.C(e,t,n)}!1===this.isUpdatePending&&(this._$ES=this._$EP())}C(e,t,{useDefault:n,reflect:r,wrapped:i},a){n&&!(this._$Ej??=new Map).has(e)&&(this._$Ej.set(e,a??t??this[e]),!0!==i||a!==void 0)||(this._$AL.has(e)||(this.hasUpdated||n||(t=void 0),this._$AL.set(e,t)),!0===r&&this._$Em!==e&&(this._$Eq??=new Set).add(e))}async _$EP(){this.isUpdatePending=!0;try{await this._$ES}catch(e){Promise.reject(e)}let e=this.scheduleUpdate();return e!=null&&await e,!this.isUpdatePending}scheduleUpdate(){return this.performUpdate()}performUpdate(){if(!this.isUpdatePending)return;if(!this.hasUpdated){if(this.renderRoot??=this.createRenderRoot(),this._$Ep){for(let[e,t]of this._$Ep)this[e]=t;this._$Ep=void 0}let e=this.constructor.elementProperties;if(e.size>0)for(let[t,n]of e){let{wrapped:e}=n,r=this[t];!0!==e||this._$AL.has(t)||r===void 0||this.C(t,void 0,n,r)}}let e=!1,t=this._$AL;try{e=this.shouldUpdate(t),e?(this.willUpdate(t),this._$EO?.forEach(e=>e.hostUpdate?.()),this.update(t)):this._$EM()}catch(t){throw e=!1,this._$EM(),t}e&&this._$AE(t)}willUpdate(e){}_$AE(e){this._$EO?.forEach(e=>e.hostUpdated?.()),this.hasUpdated||(this.hasUpdated=!0,this.firstUpdated(e)),this.updated(e)}_$EM(){this._$AL=new Map,this.isUpdatePending=!1}get updateComplete(){return this.getUpdateComplete()}getUpdateComplete(){return this._$ES}shouldUpdate(e){return!0}update(e){this._$Eq&&=this._$Eq.forEach(e=>this._$ET(e,this[e])),this._$EM()}updated(e){}firstUpdated(e){}};v.elementStyles=[],v.shadowRootOptions={mode:`open`},v[g(`elementProperties`)]=new Map,v[g(`finalized`)]=new Map,ae?.({ReactiveElement:v}),(h.reactiveElementVersions??=[]).push(`2.1.2`);var y=globalThis,ce=e=>e,b=y.trustedTypes,le=b?b.createPolicy(`lit-html`,{createHTML:e=>e}):void 0,x=`$lit$`,S=`lit$${Math.random().toFixed(9).slice(2)}$`,ue=`?`+S,de=`<${ue}>`,C=document,w=()=>C.createComment(``),T=e=>e===null||typeof e!=`object`&&typeof e!=`function`,E=Array.isArray,fe=e=>E(e)||typeof e?.[Symbol.iterator]==`function`,D=`[ 	
\f\r]`,O=/<(?:(!--|\/[^a-zA-Z])|(\/?[a-zA-Z][^>\s]*)|(\/?$))/g,pe=/-->/g,me=/>/g,k=RegExp(`>|${D}(?:([^\\s"'>=/]+)(${D}*=${D}*(?:[^ \t\n\f\r"'\`<>=]|("|')|))|$)`,`g`),he=/'/g,ge=/"/g,_e=/^(?:script|style|textarea|title)$/i,ve=e=>(t,...n)=>({_$litType$:e,strings:t,values:n}),A=ve(1),ye=ve(2),j=Symbol.for(`lit-noChange`),M=Symbol.for(`lit-nothing`),be=new WeakMap,N=C.createTreeWalker(C,129);function xe(e,t){if(!E(e)||!e.hasOwnProperty(`raw`))throw Error(`invalid template strings array`);return le===void 0?t:le.createHTML(t)}var Se=(e,t)=>{let n=e.length-1,r=[],i,a=t===2?`<svg>`:t===3?`<math>`:``,o=O;for(let t=0;t<n;t++){let n=e[t],s,c,l=-1,u=0;for(;u<n.length&&(o.lastIndex=u,c=o.exec(n),c!==null);)u=o.lastIndex,o===O?c[1]===`!--`?o=pe:c[1]===void 0?c[2]===void 0?c[3]!==void 0&&(o=k):(_e.test(c[2])&&(i=RegExp(`</`+c[2],`g`)),o=k):o=me:o===k?c[0]===`>`?(o=i??O,l=-1):c[1]===void 0?l=-2:(l=o.lastIndex-c[2].length,s=c[1],o=c[3]===void 0?k:c[3]===`"`?ge:he):o===ge||o===he?o=k:o===pe||o===me?o=O:(o=k,i=void 0);let d=o===k&&e[t+1].startsWith(`/>`)?` `:``;a+=o===O?n+de:l>=0?(r.push(s),n.slice(0,l)+x+n.slice(l)+S+d):n+S+(l===-2?t:d)}return[xe(e,a+(e[n]||`<?>`)+(t===2?`</svg>`:t===3?`</math>`:``)),r]},P=class e{constructor({strings:t,_$litType$:n},r){let i;this.parts=[];let a=0,o=0,s=t.length-1,c=this.parts,[l,u]=Se(t,n);if(this.el=e.createElement(l,r),N.currentNode=this.el.content,n===2||n===3){let e=this.el.content.firstChild;e.replaceWith(...e.childNodes)}for(;(i=N.nextNode())!==null&&c.length<s;){if(i.nodeType===1){if(i.hasAttributes())for(let e of i.getAttributeNames())if(e.endsWith(x)){let t=u[o++],n=i.getAttribute(e).split(S),r=/([.?@])?(.*)/.exec(t);c.push({type:1,index:a,name:r[2],strings:n,ctor:r[1]===`.`?we:r[1]===`?`?Te:r[1]===`@`?Ee:L}),i.removeAttribute(e)}else e.startsWith(S)&&(c.push({type:6,index:a}),i.removeAttribute(e));if(_e.test(i.tagName)){let e=i.textContent.split(S),t=e.length-1;if(t>0){i.textContent=b?b.emptyScript:``;for(let n=0;n<t;n++)i.append(e[n],w()),N.nextNode(),c.push({type:2,index:++a});i.append(e[t],w())}}}else if(i.nodeType===8){if(i.data===ue)c.push({type:2,index:a});else{let e=-1;for(;(e=i.data.indexOf(S,e+1))!==-1;)c.push({type:7,index:a}),e+=S.length-1}}a++}}static createElement(e,t){let n=C.createElement(`template`);return n.innerHTML=e,n}};function F(e,t,n=e,r){if(t===j)return t;let i=r===void 0?n._$Cl:n._$Co?.[r],a=T(t)?void 0:t._$litDirective$;return i?.constructor!==a&&(i?._$AO?.(!1),a===void 0?i=void 0:(i=new a(e),i._$AT(e,n,r)),r===void 0?n._$Cl=i:(n._$Co??=[])[r]=i),i!==void 0&&(t=F(e,i._$AS(e,t.values),i,r)),t}var Ce=class{constructor(e,t){this._$AV=[],this._$AN=void 0,this._$AD=e,this._$AM=t}get parentNode(){return this._$AM.parentNode}get _$AU(){return this._$AM._$AU}u(e){let{el:{content:t},parts:n}=this._$AD,r=(e?.creationScope??C).importNode(t,!0);N.currentNode=r;let i=N.nextNode(),a=0,o=0,s=n[0];for(;s!==void 0;){if(a===s.index){let t;s.type===2?t=new I(i,i.nextSibling,this,e):s.type===1?t=new s.ctor(i,s.name,s.strings,this,e):s.type===6&&(t=new De(i,this,e)),this._$AV.push(t),s=n[++o]}a!==s?.index&&(i=N.nextNode(),a++)}return N.currentNode=C,r}p(e){let t=0;for(let n of this._$AV)n!==void 0&&(n.strings===void 0?n._$AI(e[t]):(n._$AI(e,n,t),t+=n.strings.length-2)),t++}},I=class e{get _$AU(){return this._$AM?._$AU??this._$Cv}constructor(e,t,n,r){this.type=2,this._$AH=M,this._$AN=void 0,this._$AA=e,this._$AB=t,this._$AM=n,this.options=r,this._$Cv=r?.isConnected??!0}get parentNode(){let e=this._$AA.parentNode,t=this._$AM;return t!==void 0&&e?.nodeType===11&&(e=t.parentNode),e}get startNode(){return this._$AA}get endNode(){return this._$AB}_$AI(e,t=this){e=F(this,e,t),T(e)?e===M||e==null||e===``?(this._$AH!==M&&this._$AR(),this._$AH=M):e!==this._$AH&&e!==j&&this._(e):e._$litType$===void 0?e.nodeType===void 0?fe(e)?this.k(e):this._(e):this.T(e):this.$(e)}O(e){return this._$AA.parentNode.insertBefore(e,this._$AB)}T(e){this._$AH!==e&&(this._$AR(),this._$AH=this.O(e))}_(e){this._$AH!==M&&T(this._$AH)?this._$AA.nextSibling.data=e:this.T(C.createTextNode(e)),this._$AH=e}$(e){let{values:t,_$litType$:n}=e,r=typeof n==`number`?this._$AC(e):(n.el===void 0&&(n.el=P.createElement(xe(n.h,n.h[0]),this.options)),n);if(this._$AH?._$AD===r)this._$AH.p(t);else{let e=new Ce(r,this),n=e.u(this.options);e.p(t),this.T(n),this._$AH=e}}_$AC(e){let t=be.get(e.strings);return t===void 0&&be.set(e.strings,t=new P(e)),t}k(t){E(this._$AH)||(this._$AH=[],this._$AR());let n=this._$AH,r,i=0;for(let a of t)i===n.length?n.push(r=new e(this.O(w()),this.O(w()),this,this.options)):r=n[i],r._$AI(a),i++;i<n.length&&(this._$AR(r&&r._$AB.nextSibling,i),n.length=i)}_$AR(e=this._$AA.nextSibling,t){for(this._$AP?.(!1,!0,t);e!==this._$AB;){let t=ce(e).nextSibling;ce(e).remove(),e=t}}setConnected(e){this._$AM===void 0&&(this._$Cv=e,this._$AP?.(e))}},L=class{get tagName(){return this.element.tagName}get _$AU(){return this._$AM._$AU}constructor(e,t,n,r,i){this.type=1,this._$AH=M,this._$AN=void 0,this.element=e,this.name=t,this._$AM=r,this.options=i,n.length>2||n[0]!==``||n[1]!==``?(this._$AH=Array(n.length-1).fill(new String),this.strings=n):this._$AH=M}_$AI(e,t=this,n,r){let i=this.strings,a=!1;if(i===void 0)e=F(this,e,t,0),a=!T(e)||e!==this._$AH&&e!==j,a&&(this._$AH=e);else{let r=e,o,s;for(e=i[0],o=0;o<i.length-1;o++)s=F(this,r[n+o],t,o),s===j&&(s=this._$AH[o]),a||=!T(s)||s!==this._$AH[o],s===M?e=M:e!==M&&(e+=(s??``)+i[o+1]),this._$AH[o]=s}a&&!r&&this.j(e)}j(e){e===M?this.element.removeAttribute(this.name):this.element.setAttribute(this.name,e??``)}},we=class extends L{constructor(){super(...arguments),this.type=3}j(e){this.element[this.name]=e===M?void 0:e}},Te=class extends L{constructor(){super(...arguments),this.type=4}j(e){this.element.toggleAttribute(this.name,!!e&&e!==M)}},Ee=class extends L{constructor(e,t,n,r,i){super(e,t,n,r,i),this.type=5}_$AI(e,t=this){if((e=F(this,e,t,0)??M)===j)return;let n=this._$AH,r=e===M&&n!==M||e.capture!==n.capture||e.once!==n.once||e.passive!==n.passive,i=e!==M&&(n===M||r);r&&this.element.removeEventListener(this.name,this,n),i&&this.element.addEventListener(this.name,this,e),this._$AH=e}handleEvent(e){typeof this._$AH==`function`?this._$AH.call(this.options?.host??this.element,e):this._$AH.handleEvent(e)}},De=class{constructor(e,t,n){this.element=e,this.type=6,this._$AN=void 0,this._$AM=t,this.options=n}get _$AU(){return this._$AM._$AU}_$AI(e){F(this,e)}},Oe={M:x,P:S,A:ue,C:1,L:Se,R:Ce,D:fe,V:F,I,H:L,N:Te,U:Ee,B:we,F:De},ke=y.litHtmlPolyfillSupport;ke?.(P,I),(y.litHtmlVersions??=[]).push(`3.3.3`);var Ae=(e,t,n)=>{let r=n?.renderBefore??t,i=r._$litPart$;if(i===void 0){let e=n?.renderBefore??null;r._$litPart$=i=new I(t.insertBefore(w(),e),e,void 0,n??{})}return i._$AI(e),i},R=globalThis,z=class extends v{constructor(){super(...arguments),this.renderOptions={host:this},this._$Do=void 0}createRenderRoot(){let e=super.createRenderRoot();return this.renderOptions.renderBefore??=e.firstChild,e}update(e){let t=this.render();this.hasUpdated||(this.renderOptions.isConnected=this.isConnected),super.update(e),this._$Do=Ae(t,this.renderRoot,this.renderOptions)}connectedCallback(){super.connectedCallback(),this._$Do?.setConnected(!0)}disconnectedCallback(){super.disconnectedCallback(),this._$Do?.setConnected(!1)}render(){return j}};z._$litElement$=!0,z.finalized=!0,R.litElementHydrateSupport?.({LitElement:z});var je=R.litElementPolyfillSupport;je?.({LitElement:z}),(R.litElementVersions??=[]).push(`4.2.2`);var Me=50,Ne=new Set([`ready`,`playing`,`paused`,`ended`]),Pe=class extends EventTarget{#e;#t;#n;#r=``;#i=[];#a=!1;constructor(e){super(),this.#e=e,e.onState(e=>{e===`connected`&&this.#o()}),e.subscribe(`engine`,{},e=>{this.#s(e)})}get info(){return this.#t}get state(){return this.#n}get reason(){return this.#r}get incidents(){return this.#i}get isLive(){return this.#n!==void 0&&Ne.has(this.#n)}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}async#o(){let e=await this.#e.cs?.engine.info().catch(()=>void 0);e!==void 0&&(this.#t=e,this.#n=e.state,this.isLive&&(this.#r=``),this.dispatchEvent(new Event(`change`)))}#s({event:e,state:t,reason:n,restored:r}){this.#n=t,e===`died`?(this.#a=!0,this.#c(`It died: ${n??`nobody knows why`}`,!0)):e===`failed`?(this.#a=!1,this.#c(`It is given up: ${n??`it died again and again`}`,!0)):e===`reanchored`?this.#c(n??`the clock was late and starts anew`,!0):this.#a&&this.isLive?(this.#a=!1,this.#c(`It is back${Fe(r)}`,!1)):n!==null&&t===`paused`&&this.#c(n,!1),this.#r=this.isLive?``:n??this.#r,this.dispatchEvent(new Event(`change`)),this.#o()}#c(e,t){this.#i=[{when:new Date,text:e,isBad:t},...this.#i].slice(0,Me)}};function Fe(e){let t=Object.entries(e??{}).flatMap(([e,t])=>typeof t==`number`&&t>0?[`${t} ${e}`]:[]);return t.length===0?``:`, with ${t.join(`, `)}`}var Ie=new WeakMap;function B(e){let t=Ie.get(e)??new Pe(e);return Ie.set(e,t),t}function V(e,t,n,r){return{name:e,title:n,about:r,text:()=>Le(t)}}async function Le(e){let t=await fetch(e);if(!t.ok)throw Error(`${e.pathname} was not found`);return t.text()}var Re=V(`keys.csd`,new URL(new URL(`keys-B5DOhFtw.csd`,import.meta.url).href,``+import.meta.url),`Just a keyboard`,`One instrument, silent until you play it`),ze=[V(`lantern.csd`,new URL(new URL(`lantern-DN3vyHvp.csd`,import.meta.url).href,``+import.meta.url),`Lantern`,`A synthesizer in A minor that plays until you do`),V(`drift.csd`,new URL(new URL(`drift-BbthruOB.csd`,import.meta.url).href,``+import.meta.url),`Drift`,`Bells, slow chords and wind, for ever`),V(`glasshouse.csd`,new URL(new URL(`glasshouse-XExxOQ3m.csd`,import.meta.url).href,``+import.meta.url),`Glasshouse`,`A pane of glass becomes a cloud of grains`),V(`canon.csd`,new URL(new URL(`canon-DYR_psv8.csd`,import.meta.url).href,``+import.meta.url),`Canon`,`Three lutes over a bass, then bowed strings`),V(`live.csd`,new URL(new URL(`live-BU6dd6Vj.csd`,import.meta.url).href,``+import.meta.url),`Live`,`A beat, a bass and plucked strings, to be rewritten`),V(`harbour.csd`,new URL(new URL(`harbour-05ITSwq3.csd`,import.meta.url).href,``+import.meta.url),`Harbour`,`Crossing echoes and a shimmering room`),V(`nightcap.csd`,new URL(new URL(`nightcap-CoR3P7t0.csd`,import.meta.url).href,``+import.meta.url),`Nightcap`,`An electric piano with bass and brushes, for MIDI keys`)];function H(e){return ye`<svg viewBox="0 0 16 16" aria-hidden="true"><path d=${e}></path></svg>`}var Be=H(`M4 2.5v11l9-5.5z`),Ve=H(`M4 2.5h3v11H4zM9 2.5h3v11H9z`),He=H(`M3.5 3.5h9v9h-9z`),Ue=H(`M3 3h2v10H3zM13.5 3v10L6 8z`),We=H(`M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3z`),Ge=H(`M2 6v4h2.6L8 13V3L4.600 6zM10 5.200a3.500 3.500 0 0 1 0 5.600M11.600 3.200a6 6 0 0 1 0 9.600l-.8-1a4.700 4.700 0 0 0 0-7.600z`),Ke=H(`M7 2h2v6h3l-4 4-4-4h3zM3 13h10v1.500H3z`),qe=H(`M7 11h2V6h3L8 2 4 6h3zM3 13h10v1.500H3z`),U=H(`M3.700 2.600 8 6.900l4.300-4.300 1.100 1.100L9.100 8l4.300 4.300-1.100 1.100L8 9.100l-4.300 4.300-1.100-1.100L6.900 8 2.600 3.700z`),Je=H(`M10 2.500 4.500 8l5.500 5.500 1.200-1.200L6.900 8l4.300-4.300z`),Ye=H(`M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 1.500v9a4.500 4.500 0 0 1 0-9z`),Xe=12,Ze=class extends EventTarget{#e;#t=``;#n=``;#r=``;#i=[];constructor(e){super(),this.#e=e}get name(){return this.#t}get loading(){return this.#n}get failed(){return this.#r}get faults(){return this.#i}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}async load(e){if(this.#n!==``)return!1;[this.#n,this.#r,this.#i]=[e.name,``,[]],this.#s();let t=await this.#e.attempt(async t=>{let n=await e.text?.(),r=await t.engine.load(n??null,e.path??null);return r.ok?this.#t=e.name:this.#r=e.name,await this.#a(r.diagnostics,e,n),r.ok});return this.#n=``,this.#s(),t===!0&&this.#e.channels.refresh(),t===!0}dismiss(){[this.#r,this.#i]=[``,[]],this.#s()}async#a(e,t,n){let r=e.slice(0,Xe),i=[];r.some(({line:e,file:t})=>e>0&&t===``)&&(i=(n??await this.#o(t.path??``)).split(/\r\n|\r|\n/)),this.#i=r.map(({line:e,file:t,message:n,severity:r})=>({line:e,file:t,message:n,severity:r,source:t===``&&e>0?i[e-1]?.trim()??``:``}))}async#o(e){let t=await this.#e.fetch(`files/${W(e)}`).catch(()=>void 0);return t?.ok===!0?await t.text():``}#s(){this.dispatchEvent(new Event(`change`))}};function W(e){return e.split(`/`).map(encodeURIComponent).join(`/`)}var Qe=new WeakMap;function $e(e){let t=Qe.get(e)??new Ze(e);return Qe.set(e,t),t}var et=44;function tt(e,t,n){let[r,i]=[e[0],e.at(-1)],a=i?.channels??1,o=i===void 0?0:i.sample+i.samples.length/a,s=Math.max(r?.sample??0,o-Math.round(n*t)),c=new Int16Array((o-s)*a);for(let{sample:t,samples:n}of e){let e=(t-s)*a;for(let t=Math.max(0,-e);t<n.length;t+=1)c[e+t]=Math.round(Math.max(-1,Math.min(1,n[t]??0))*32767)}return new Blob([nt(t,a,c.byteLength),c],{type:`audio/wav`})}function nt(e,t,n){let r=new DataView(new ArrayBuffer(et)),i=(e,t)=>{for(let n=0;n<t.length;n+=1)r.setUint8(e+n,t.charCodeAt(n))};return i(0,`RIFF`),r.setUint32(4,36+n,!0),i(8,`WAVEfmt `),r.setUint32(16,16,!0),r.setUint16(20,1,!0),r.setUint16(22,t,!0),r.setUint32(24,e,!0),r.setUint32(28,e*t*2,!0),r.setUint16(32,t*2,!0),r.setUint16(34,16,!0),i(36,`data`),r.setUint32(40,n,!0),r.buffer}var G=256,rt=60,it=class extends EventTarget{#e;#t;#n=!1;#r=`steady`;#i=1;#a=[];#o=0;#s=48e3;#c;constructor(e){super(),this.#e=e,e.addEventListener(`client`,()=>{this.#t!==void 0&&this.stop().then(()=>this.start())})}get state(){return this.#n?`buffering`:this.#t?.state??`off`}get reason(){return this.#t?.reason??``}get statistics(){return this.#t?.statistics}get safety(){return this.#r}set safety(e){this.#r=e,this.#t?.setSafety(e),this.#d()}get volume(){return this.#i}set volume(e){this.#i=e,this.#t!==void 0&&(this.#t.volume=e),this.#d()}get kept(){return Math.min(rt,this.#o/this.#s)}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}async start(){if(this.#n||this.#t!==void 0)return;this.#n=!0,this.#d();let e=await this.#e.attempt(async e=>(globalThis.isSecureContext||await this.#l(),e.listen({safety:this.#r,volume:this.#i,block:G})));this.#n=!1,e!==void 0&&(this.#t=e,e.onState=()=>{this.#d()},e.reason===void 0&&this.#u()),this.#d()}async stop(){let e=this.#t;this.#t=void 0,this.#c?.(),this.#c=void 0,this.#d(),await e?.close()}lastMinute(){return this.#a.length===0?void 0:tt(this.#a,this.#s,rt)}async#l(){this.#e.token!==void 0&&await this.#e.fetch(`cookie`,{method:`POST`})}#u(){[this.#a,this.#o]=[[],0],this.#e.cs?.csound.sr().then(e=>{this.#s=e},()=>void 0),this.#c=this.#e.subscribe(`spout`,{block:G},(e,t)=>{let n=e.shape[1]??1,r=this.#a.at(-1);if(r!==void 0&&(t.sample<=r.sample||n!==r.channels)&&([this.#a,this.#o]=[[],0],this.#e.cs?.csound.sr().then(e=>{this.#s=e},()=>void 0)),this.#a.push({sample:t.sample,channels:n,samples:e.data}),this.#o+=e.shape[0]??0,this.#o>65*this.#s){let e=this.#a.splice(0,Math.ceil(5*this.#s/G));for(let t of e)this.#o-=t.samples.length/t.channels}})}#d(){this.dispatchEvent(new Event(`change`))}},at=new WeakMap;function K(e){let t=at.get(e)??new it(e);return at.set(e,t),t}var q=class extends z{#e=[];connectedCallback(){super.connectedCallback(),this.connection=t(this),this.#e=this.begin(this.connection)}disconnectedCallback(){super.disconnectedCallback();for(let e of this.#e)e();this.#e=[]}},J=l`
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
`,Y=[`as the system`,`light`,`dark`],ot=`csoundd theme`;function st(){try{let e=localStorage.getItem(ot);return Y.find(t=>t===e)??Y[0]}catch{return Y[0]}}var X=st();function ct(){return X}function lt(){X=Y[(Y.indexOf(X)+1)%Y.length]??Y[0];try{localStorage.setItem(ot,X)}catch{}ut()}function ut(){X===`as the system`?delete document.documentElement.dataset.theme:document.documentElement.dataset.theme=X}ut();var dt=class extends q{static{this.styles=[J,l`
      dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 12px; margin: 0; }
      dt { color: var(--cs-text-soft); }
      dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
      ol { margin: 8px 0 0; padding: 0; list-style: none; max-height: 108px; overflow: auto; }
      li { padding: 2px 0; border-top: 1px solid var(--cs-line-color); font-size: var(--cs-size-small); }
      .row { margin-top: 8px; }
    `]}#e;#t=!1;begin(e){this.#e=B(e);let t=()=>{this.requestUpdate()};return[this.#e.onChange(t),e.onState(t)]}render(){let{info:e,state:t,reason:n,incidents:r}=this.#e;if(e===void 0)return A`<p class="soft">Not known yet.</p>`;let{sr:i,ksmps:a,nchnls:o}=e.format,s=Object.keys(e.unsupported).length,c=this.connection.cs?.welcome.scopes.includes(`admin`)??!1;return A`
      <dl>
        <dt>Engine</dt><dd>${e.backend}${e.version===null?M:A`, Csound ${pt(e.version)}`}</dd>
        <dt>State</dt><dd role="status" class=${this.#e.isLive?``:`bad`}>${t}${n===``?M:A`: ${n}`}</dd>
        ${i===void 0?M:A`<dt>Sound</dt><dd>${i} Hz, ${o===1?`mono`:o===2?`stereo`:A`${o} channels`}, ksmps ${a}</dd>`}
        <dt>Paced by</dt><dd>${ft[e.drive]}</dd>
        <dt>Process</dt><dd>${e.pid??`none`}, epoch ${e.epoch}${s===0?M:A`, ${s} methods unsupported`}</dd>
      </dl>
      <div class="row">
        ${this.#t?A`<span class="grow small">What plays is over then, for everybody.</span>
              <button class="primary" @click=${this.#r}>Start a new one</button>
              <button @click=${()=>{this.#n(!1)}}>Leave it</button>`:A`<button ?disabled=${!c} title=${c?`An empty engine in the place of this one`:`This needs a token with the scope admin`}
              @click=${()=>{this.#n(!0)}}>New engine…</button>`}
      </div>
      ${r.length===0?M:A`<ol aria-label="What befell the engine">
        ${r.map(({when:e,text:t,isBad:n})=>A`<li class=${n?`bad`:``}><span class="soft number">${e.toLocaleTimeString()}</span> ${t}</li>`)}
      </ol>`}
    `}#n(e){this.#t=e,this.requestUpdate()}#r=()=>{this.#n(!1),this.connection.attempt(e=>e.engine.restart())}},ft={clock:`the clock`,device:`a sound card`,free:`nothing: as fast as it can`,step:`whoever steps it`};function pt(e){let[t,n]=[Math.floor(e/1e3),e%1e3],[r,i]=[Math.floor(n/10),n%10];return`${t}.${r}${i===0?``:`.${i}`}`}customElements.define(`csoundd-engine`,dt);var Z=class extends Error{constructor(...e){super(...e),this.name=`FileRefused`}},mt=class extends EventTarget{#e;#t=``;#n=[];#r=``;#i;#a=[];#o;constructor(e){super(),this.#e=e,e.onState(e=>{e===`connected`&&this.list()}),e.subscribe(`engine`,{},({event:e,state:t})=>{this.#i!==void 0&&(e===`reset`||t===`ended`||t===`failed`)&&this.#s(this.#i)})}get folder(){return this.#t}get entries(){return this.#n}get refusal(){return this.#r}get take(){return this.#i}get takes(){return this.#a}get uploading(){return this.#o}onChange(e){return this.addEventListener(`change`,e),e(),()=>{this.removeEventListener(`change`,e)}}pathOf(e){return this.#t===``?e:`${this.#t}/${e}`}async list(e=this.#t){try{let{entries:t}=await(await this.#c(`files/${W(e)}`,{},e)).json();[this.#t,this.#n,this.#r]=[e,t,``]}catch(t){if(e!==``&&e===this.#t){await this.list(e.split(`/`).slice(0,-1).join(`/`));return}[this.#n,this.#r]=[[],t.message]}this.#l()}async upload(e){let t=this.#e.cs?.welcome.limits.file??1/0,n=[];for(let r of e){this.#o=r.name,this.#l();try{if(r.size>t)throw new Z(`${r.name} is larger than the daemon takes: ${_t(t)}`);await this.#c(`files/${W(this.pathOf(r.name))}`,{method:`PUT`,body:r},r.name),n.push(r.name)}catch(e){this.#e.fail(e)}}return this.#o=void 0,await this.list(),n}async remove(e){try{await this.#c(`files/${W(this.pathOf(e))}`,{method:`DELETE`},e)}catch(e){this.#e.fail(e)}await this.list()}async download(e){await this.#e.attempt(async t=>{let n=this.#e.httpUrl(`files/${W(e)}`);this.#e.token!==void 0&&(n+=`?ticket=${(await t.session.ticket(`/files/${W(e)}`)).ticket}`),ht(n,e.split(`/`).at(-1)??e)})}async record(){let e=`take-${gt(new Date)}.wav`;await this.#e.attempt(async t=>{try{await t.thread.record(e,24,4)}catch(e){throw e instanceof n?new n(`It is being recorded already. ${e.message}`,e.code,{}):e}this.#i={path:e,since:Date.now()},this.#l()})}async stopRecording(){let e=this.#i;await this.#e.attempt(e=>e.thread.stopRecord()),e!==void 0&&this.#s(e)}#s(e){this.#i=void 0,this.#a=[e.path,...this.#a],this.#l(),this.list()}async#c(e,t,n){let r;try{r=await this.#e.fetch(e,{cache:`no-store`,...t})}catch{throw new Z(`${n}: the daemon does not answer`)}if(r.ok)return r;throw new Z((await r.json().catch(()=>void 0))?.error?.message??`${n}: the daemon answers ${r.status}`)}#l(){this.dispatchEvent(new Event(`change`))}};function ht(e,t){let n=document.createElement(`a`);[n.href,n.download]=[e,t],n.click()}function gt(e){let t=e=>String(e).padStart(2,`0`);return`${`${e.getFullYear()}${t(e.getMonth()+1)}${t(e.getDate())}`}-${t(e.getHours())}${t(e.getMinutes())}${t(e.getSeconds())}`}function _t(e){return e<1e3?`${e} B`:e<1e6?`${(e/1e3).toFixed(+(e<1e4))} kB`:`${(e/1e6).toFixed(+(e<1e7))} MB`}var vt=new WeakMap;function yt(e){let t=vt.get(e)??new mt(e);return vt.set(e,t),t}var bt=/\.(csd|orc)$/i,xt=class extends q{static{this.styles=[J,l`
      ul { list-style: none; margin: 0; padding: 0; }
      .list { max-height: 300px; overflow: auto; border: 1px solid var(--cs-line-color); border-radius: var(--cs-radius);
        background: var(--cs-well); }
      .list li { display: flex; align-items: center; gap: 4px; padding: 0 4px; min-height: var(--cs-control); }
      .list li + li { border-top: 1px solid var(--cs-line-color); }
      .name { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; text-align: left;
        justify-content: flex-start; }
      .list button { min-height: calc(var(--cs-control) - 4px); }
      .examples { display: flex; flex-wrap: wrap; gap: 4px; margin-bottom: 10px; }
      .examples button { padding: 0 8px; }
      h3 { font-weight: 600; font-size: var(--cs-size-small); color: var(--cs-text-soft); margin: 0 0 4px; }
      .head { margin-bottom: 4px; }
      .head h3 { margin: 0; }
      .fresh { background: var(--cs-accent-soft); }
    `]}#e;#t;#n=``;#r=new Set;begin(e){this.#e=yt(e),this.#t=$e(e);let t=()=>{this.requestUpdate()};return[this.#e.onChange(t),this.#t.onChange(t),e.onState(t)]}async upload(e){this.#r=new Set(await this.#e.upload(e)),this.requestUpdate()}render(){let e=this.connection.cs?.welcome.scopes??[];return A`
      <h3>Pieces that come along</h3>
      <div class="examples">${[Re,...ze].map(t=>this.#i(t,e.includes(`admin`)))}</div>
      ${this.#a(e.includes(`admin`),e.includes(`compile`))}
    `}#i(e,t){return A`<button title=${e.about} ?disabled=${!t||this.#t.loading!==``}
      @click=${()=>void this.#t.load(e)}>${e.title}</button>`}#a(e,t){let{folder:n,entries:r,refusal:i,uploading:a}=this.#e;return A`
      <div class="row head">
        ${n===``?M:A`<button class="plain icon" aria-label="The folder above" title="The folder above"
          @click=${()=>void this.#e.list(n.split(`/`).slice(0,-1).join(`/`))}>${Je}</button>`}
        <h3 class="grow">${n===``?`Workspace`:n}</h3>
        <span class="small soft" role="status">${a===void 0?``:`${a} is on its way`}</span>
        <button ?disabled=${!t} title=${t?`Put files into this folder; or drop them anywhere`:`This needs a token with the scope compile`}
          @click=${()=>{this.#c?.click()}}>${qe}Upload</button>
        <input type="file" multiple hidden aria-label="Files to upload" @change=${e=>{let t=e.target;this.upload([...t.files??[]]),t.value=``}} />
      </div>
      <ul class="list">
        ${i===``?M:A`<li class="bad">${i}</li>`}
        ${i===``&&r.length===0?A`<li class="soft">Empty. Drop a .csd here.</li>`:M}
        ${this.#o(r).map(n=>this.#s(n,e,t))}
      </ul>
    `}#o(e){let t=({kind:e,name:t})=>e===`folder`?1:bt.test(t)?0:2;return e.filter(({name:e})=>!e.startsWith(`.`)).sort((e,n)=>t(e)-t(n)||e.name.localeCompare(n.name))}#s({name:e,kind:t,size:n},r,i){let a=this.#e.pathOf(e);if(t===`folder`)return A`<li><button class="plain name" @click=${()=>void this.#e.list(a)}>${e}/</button></li>`;let o=bt.test(e);return A`<li class=${this.#r.has(e)?`fresh`:``}>
      ${o?A`<button class="plain name" title="Play ${e}" ?disabled=${!r||this.#t.loading!==``}
            @click=${()=>void this.#t.load({name:e,path:a})}>${Be}<span class="name">${e}</span></button>`:A`<span class="name" title=${e}>${e}</span>`}
      ${this.#n===e?A`<button class="bad" @click=${()=>void this.#u(e)}>Delete it</button>
            <button @click=${()=>{this.#l(``)}}>Keep it</button>`:A`<span class="small soft number">${n===null?``:_t(n)}</span>
            <button class="plain icon" aria-label="Download ${e}" title="Download"
              @click=${()=>void this.#e.download(a)}>${Ke}</button>
            <button class="plain icon" aria-label="Delete ${e}" title="Delete" ?disabled=${!i}
              @click=${()=>{this.#l(e)}}>${U}</button>`}
    </li>`}get#c(){return this.renderRoot.querySelector(`input[type="file"]`)}#l(e){this.#n=e,this.requestUpdate()}async#u(e){this.#l(``),await this.#e.remove(e)}};customElements.define(`csoundd-files`,xt);var St=[{value:`quick`,label:`Quick`,title:`Little delay, for playing; a weak network is heard`},{value:`steady`,label:`Steady`,title:`About 60 ms of delay`},{value:`safe`,label:`Safe`,title:`About a quarter of a second, for a weak network`}],Ct=500,wt=class extends q{static{this.styles=[J,l`
      :host { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
      input[type="range"] { width: 84px; min-height: var(--cs-control); margin: 0; accent-color: var(--cs-accent); }
      select { padding: 0 4px; }
      .facts { font-size: var(--cs-size-small); color: var(--cs-text-soft); font-variant-numeric: tabular-nums; line-height: 1.25; }
      .listen { min-width: 92px; }
    `]}#e;begin(e){this.#e=K(e);let t=()=>{this.requestUpdate()},n=setInterval(()=>{this.#e.state!==`off`&&this.requestUpdate()},Ct);return[this.#e.onChange(t),e.onState(t),()=>{clearInterval(n)}]}render(){let e=this.#e,t=e.state!==`off`;return A`
      <button class="listen" aria-pressed=${t} title="Hear here what the engine plays"
        ?disabled=${!t&&this.connection.state!==`connected`}
        @click=${()=>void(t?e.stop():e.start())}>${Ge}Listen</button>
      <select aria-label="Safety of listening" title="How much delay for how much safety"
        @change=${t=>{e.safety=t.target.value}}>
        ${St.map(({value:t,label:n,title:r})=>A`<option value=${t} title=${r} ?selected=${t===e.safety}>${n}</option>`)}
      </select>
      <input type="range" min="0" max="1" step="0.01" aria-label="Volume of this page" title="Volume of this page"
        .value=${String(e.volume)}
        @input=${t=>{e.volume=Number(t.target.value)}} />
      ${t?A`<span class="facts" role="status">${this.#t()}</span>`:M}
    `}#t(){let{state:e,statistics:t,reason:n}=this.#e;switch(e){case`waiting`:return A`waits for a click`;case`interrupted`:return A`interrupted by the system`;case`buffering`:return A`waiting for sound`}if(t===void 0)return A`<span title=${n}>plain player, seconds late</span>`;let{latency:r,underruns:i}=t;return A`${r===void 0?`–`:`${Math.round(r*1e3)} ms`} late<br />${i} ${i===1?`dropout`:`dropouts`}`}};customElements.define(`csoundd-listen`,wt);var Tt={ATTRIBUTE:1,CHILD:2,PROPERTY:3,BOOLEAN_ATTRIBUTE:4,EVENT:5,ELEMENT:6},Et=e=>(...t)=>({_$litDirective$:e,values:t}),Dt=class{constructor(e){}get _$AU(){return this._$AM._$AU}_$AT(e,t,n){this._$Ct=e,this._$AM=t,this._$Ci=n}_$AS(e,t){return this.update(e,t)}update(e,t){return this.render(...t)}},{I:Ot}=Oe,kt=e=>e,At=()=>document.createComment(``),Q=(e,t,n)=>{let r=e._$AA.parentNode,i=t===void 0?e._$AB:t._$AA;if(n===void 0)n=new Ot(r.insertBefore(At(),i),r.insertBefore(At(),i),e,e.options);else{let t=n._$AB.nextSibling,a=n._$AM,o=a!==e;if(o){let t;n._$AQ?.(e),n._$AM=e,n._$AP!==void 0&&(t=e._$AU)!==a._$AU&&n._$AP(t)}if(t!==i||o){let e=n._$AA;for(;e!==t;){let t=kt(e).nextSibling;kt(r).insertBefore(e,i),e=t}}}return n},$=(e,t,n=e)=>(e._$AI(t,n),e),jt={},Mt=(e,t=jt)=>e._$AH=t,Nt=e=>e._$AH,Pt=e=>{e._$AR(),e._$AA.remove()},Ft=(e,t,n)=>{let r=new Map;for(let i=t;i<=n;i++)r.set(e[i],i);return r},It=Et(class extends Dt{constructor(e){if(super(e),e.type!==Tt.CHILD)throw Error(`repeat() can only be used in text expressions`)}dt(e,t,n){let r;n===void 0?n=t:t!==void 0&&(r=t);let i=[],a=[],o=0;for(let t of e)i[o]=r?r(t,o):o,a[o]=n(t,o),o++;return{values:a,keys:i}}render(e,t,n){return this.dt(e,t,n).values}update(e,[t,n,r]){let i=Nt(e),{values:a,keys:o}=this.dt(t,n,r);if(!Array.isArray(i))return this.ut=o,a;let s=this.ut??=[],c=[],l,u,d=0,f=i.length-1,p=0,m=a.length-1;for(;d<=f&&p<=m;)if(i[d]===null)d++;else if(i[f]===null)f--;else if(s[d]===o[p])c[p]=$(i[d],a[p]),d++,p++;else if(s[f]===o[m])c[m]=$(i[f],a[m]),f--,m--;else if(s[d]===o[m])c[m]=$(i[d],a[m]),Q(e,c[m+1],i[d]),d++,m--;else if(s[f]===o[p])c[p]=$(i[f],a[p]),Q(e,i[d],i[f]),f--,p++;else if(l===void 0&&(l=Ft(o,p,m),u=Ft(s,d,f)),l.has(s[d])){if(l.has(s[f])){let t=u.get(o[p]),n=t===void 0?null:i[t];if(n===null){let t=Q(e,i[d]);$(t,a[p]),c[p]=t}else c[p]=$(n,a[p]),Q(e,i[d],n),i[t]=null;p++}else Pt(i[f]),f--}else Pt(i[d]),d++;for(;p<=m;){let t=Q(e,c[m+1]);$(t,a[p]),c[p++]=t}for(;d<=f;){let e=i[d++];e!==null&&Pt(e)}return this.ut=o,Mt(e,c),j}}),Lt={info:0,warning:1,error:2},Rt=2e3,zt=100,Bt=/\u001b\[[0-9;]*m/g,Vt=class extends q{static{this.styles=[J,l`
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
    `]}#e=[];#t=0;#n=`info`;#r=``;#i;#a=!0;begin(e){return[e.subscribe(`messages`,{level:`info`,since:0},e=>{this.#o(e)}),()=>{clearTimeout(this.#i)}]}#o({text:e,level:t}){let n=new Date().toLocaleTimeString();for(let r of e.replaceAll(Bt,``).split(`
`))r.trim()!==``&&this.#e.push({id:this.#t++,text:r,level:t,time:n});this.#e.length>Rt&&this.#e.splice(0,this.#e.length-Rt),this.#i??=setTimeout(()=>{this.#i=void 0,this.requestUpdate()},zt)}render(){let e=this.#r.toLowerCase(),t=this.#e.filter(({text:t,level:n})=>Lt[n]>=Lt[this.#n]&&t.toLowerCase().includes(e)).slice(-300),n=e=>this.#e.filter(t=>t.level===e).length,[r,i]=[n(`error`),n(`warning`)];return A`
      <div class="row">
        <select aria-label="Least level" @change=${e=>{this.#n=e.target.value,this.requestUpdate()}}>
          <option value="info">All</option>
          <option value="warning">Warnings</option>
          <option value="error">Errors</option>
        </select>
        <input class="grow" type="search" placeholder="Search" aria-label="Search the messages" @input=${e=>{this.#r=e.target.value,this.requestUpdate()}} />
        <span class="counts small" aria-live="polite">
          ${r>0?A`<span class="error">${r} ${r===1?`error`:`errors`}</span>`:M}
          ${i>0?A`<span class="warning">${i} ${i===1?`warning`:`warnings`}</span>`:M}
        </span>
        <button class="plain" ?disabled=${this.#e.length===0} @click=${this.#c}>Clear</button>
      </div>
      <ol tabindex="0" aria-label="Messages" @scroll=${this.#s}>
        ${It(t,({id:e})=>e,({text:e,level:t,time:n})=>A`<li class=${t} title=${n}>${e}</li>`)}
        ${t.length===0?A`<li class="soft">${this.#e.length===0?`Nothing yet.`:`None like that.`}</li>`:M}
      </ol>
    `}updated(){let e=this.renderRoot.querySelector(`ol`);e!==null&&this.#a&&(e.scrollTop=e.scrollHeight)}#s=e=>{let t=e.target;this.#a=t.scrollHeight-t.scrollTop-t.clientHeight<24};#c=()=>{this.#e=[],this.#a=!0,this.requestUpdate()}};customElements.define(`csoundd-messages`,Vt);var Ht=1e3,Ut=class extends q{static{this.styles=[J,l`
      :host { display: flex; align-items: center; gap: 8px; flex-wrap: wrap; }
      .record svg { color: var(--cs-error); }
      .record[aria-pressed="true"] { background: var(--cs-error); border-color: var(--cs-error); color: var(--cs-surface); }
      .record[aria-pressed="true"] svg { color: inherit; }
      .record { min-width: 92px; }
    `]}#e;#t;#n;begin(e){this.#e=yt(e),this.#t=B(e),this.#n=K(e);let t=()=>{this.requestUpdate()},n=setInterval(()=>{(this.#e.take!==void 0||this.#n.state===`playing`)&&this.requestUpdate()},Ht);return[...[this.#e,this.#t,this.#n].map(e=>e.onChange(t)),e.onState(t),()=>{clearInterval(n)}]}render(){let{take:e}=this.#e,{cs:t}=this.connection,n=t?.welcome.scopes.includes(`compile`)??!1,r=this.#t.state,i=n&&(r===`playing`||r===`paused`),a=e===void 0?0:Math.round((Date.now()-e.since)/1e3),o=Math.floor(this.#n.kept);return A`
      <button class="record" aria-pressed=${e!==void 0} ?disabled=${e===void 0?!i:t===void 0}
        title=${n?`Record what plays into a file of the workspace`:`This needs a token with the scope compile`}
        @click=${()=>void(e===void 0?this.#e.record():this.#e.stopRecording())}>
        ${We}${e===void 0?`Record`:A`<span class="number">${Math.floor(a/60)}:${String(a%60).padStart(2,`0`)}</span>`}
      </button>
      ${o<1?M:A`<button title="Save what was heard here last, up to a minute, as a WAV file"
        @click=${this.#r}>Keep last ${o} s</button>`}
    `}#r=()=>{let e=this.#n.lastMinute();if(e===void 0)return;let t=URL.createObjectURL(e);ht(t,`heard-${gt(new Date)}.wav`),setTimeout(()=>{URL.revokeObjectURL(t)},6e4)}};customElements.define(`csoundd-record`,Ut);var Wt=class extends q{static{this.styles=[J,l`
      dialog { max-width: min(460px, calc(100vw - 32px)); border: 1px solid var(--cs-line-strong); border-radius: 8px; padding: 18px 20px;
        background: var(--cs-surface); color: inherit; box-shadow: 0 10px 40px #0008; }
      dialog::backdrop { background: #0008; }
      h2 { font-size: 16px; margin-bottom: 8px; }
      p { margin: 0 0 12px; }
      form { display: grid; gap: 10px; }
      label { display: grid; gap: 4px; }
      code { font-family: var(--cs-mono); font-size: var(--cs-size-small); overflow-wrap: anywhere; }
    `]}begin(e){return[e.onState(()=>{this.requestUpdate()})]}render(){return A`<dialog aria-labelledby="title" @cancel=${e=>{e.preventDefault()}}>
      <h2 id="title">A token, please</h2>
      <p role="status">${Gt(this.connection.reason)}.</p>
      <form @submit=${this.#e}>
        <input name="username" autocomplete="username" value="csoundd" hidden />
        <label>Token<input type="password" name="token" autocomplete="current-password" placeholder="csd_…" required spellcheck="false" /></label>
        <button class="primary" type="submit">Connect</button>
      </form>
      <p class="small soft">On the daemon's machine, <code>csoundd token create --state DIR --scope admin</code> makes one. This
        browser keeps it for this address until it is refused.</p>
    </dialog>`}updated(){let t=this.renderRoot.querySelector(`dialog`),n=this.connection.refusal===`token`;t!==null&&t.open!==n&&(n?(e(void 0),t.showModal()):t.close())}#e=t=>{t.preventDefault();let n=t.target,r=new FormData(n).get(`token`);typeof r==`string`&&r.trim()!==``&&(n.reset(),e(r.trim()),this.connection.useToken(r.trim()))}};function Gt(e){return e.charAt(0).toUpperCase()+e.slice(1)}customElements.define(`csoundd-token`,Wt);var Kt={offline:`no engine`,starting:`starting`,ready:`nothing plays`,playing:`playing`,paused:`paused`,ended:`ended`,failed:`failed`},qt=.8,Jt=class extends q{constructor(...e){super(...e),this.#t=`0:00.0`,this.#n=`–`,this.#r=0,this.#a=!1,this.toggle=()=>{this.connection.attempt(async e=>{switch(this.#e.state){case`playing`:return e.thread.pause();case`ended`:return await e.csound.rewindScore(),e.thread.play();default:return e.thread.play()}})},this.#s=()=>{this.connection.attempt(e=>e.csound.rewindScore())},this.#c=()=>{this.connection.attempt(e=>e.thread.stop())},this.#l=()=>{this.connection.attempt(e=>e.engine.panic())}}static{this.styles=[J,l`
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
    `]}#e;#t;#n;#r;#i;#a;begin(e){this.#e=B(e);let t=()=>{this.requestUpdate()};return[this.#e.onChange(t),e.onState(t),e.subscribe(`transport`,{rate:10},e=>{this.#o(e)})]}#o({scoreTime:e,cpuLoad:t,lateCycles:n}){let[r,i]=[Yt(e),`${Math.round(t*100)} %`];this.#i=this.#i===void 0||n<this.#i?n:this.#i;let a=n-this.#i;(r!==this.#t||i!==this.#n||a!==this.#r)&&([this.#t,this.#n,this.#r,this.#a]=[r,i,a,t>qt],this.requestUpdate())}render(){let e=this.connection.state===`connected`,t=this.#e.state,n=t===`playing`,r=!e||!this.#e.isLive,i=t===void 0?`–`:Kt[t];return A`
      <div class="buttons" role="group" aria-label="Transport">
        <button title="Rewind the score" aria-label="Rewind" ?disabled=${r} @click=${this.#s}>${Ue}</button>
        <button class="play ${n?`primary`:``}" title=${n?`Pause (space)`:`Play (space)`}
          aria-label=${n?`Pause`:`Play`} ?disabled=${r} @click=${this.toggle}>${n?Ve:Be}</button>
        <button title="Stop: the performance is over" aria-label="Stop" ?disabled=${r||t===`ended`}
          @click=${this.#c}>${He}</button>
      </div>
      <dl>
        <div class="state"><dt>State</dt><dd role="status">${i}</dd></div>
        <div class="time"><dt>Score</dt><dd>${this.#t}</dd></div>
        <div class="load"><dt>Load</dt><dd class=${this.#a?`bad`:``}>${this.#n}</dd></div>
        <div title="Cycles that were late since this page was opened"><dt>Late</dt>
          <dd class=${this.#r>0?`bad`:``}>${this.#r}</dd></div>
      </dl>
      <button class="panic" title="End every note at once" ?disabled=${r} @click=${this.#l}>Panic</button>
    `}#s;#c;#l};function Yt(e){let t=Math.floor(Math.max(0,e)*10),[n,r]=[Math.floor(t/600),t%600];return`${n}:${String(Math.floor(r/10)).padStart(2,`0`)}.${r%10}`}customElements.define(`csoundd-transport`,Jt);var Xt=12e3,Zt=class extends q{static{this.styles=[J,l`
      :host { display: flex; flex-direction: column; min-height: 100dvh; }
      header {
        position: sticky; top: 0; z-index: 5; display: flex; align-items: center; gap: var(--cs-gap) 20px; flex-wrap: wrap;
        padding: 8px max(12px, env(safe-area-inset-left)); background: var(--cs-surface); border-bottom: 1px solid var(--cs-line-color);
      }
      h1 { margin: 0; font-size: 15px; font-weight: 650; letter-spacing: 0.01em; display: flex; align-items: baseline; gap: 8px; }
      h1 small { font-weight: 400; font-size: var(--cs-size-small); color: var(--cs-text-soft); max-width: 16em; overflow: hidden;
        text-overflow: ellipsis; white-space: nowrap; }
      .push { margin-left: auto; }
      .banner { padding: 6px 14px; background: var(--cs-error-soft); color: var(--cs-text); border-bottom: 1px solid var(--cs-line-color);
        display: flex; align-items: center; gap: 12px; flex-wrap: wrap; }
      .banner p { margin: 0; flex: 1; min-width: 12em; }
      main {
        flex: 1; display: grid; gap: 10px; padding: 10px max(10px, env(safe-area-inset-left));
        grid-template: "channels scope side" auto "channels messages side" 1fr "keyboard keyboard keyboard" auto / minmax(0, 1fr) minmax(280px, 25%) minmax(250px, 22%);
      }
      section { min-width: 0; background: var(--cs-surface); border: 1px solid var(--cs-line-color); border-radius: 6px; padding: 10px 12px; }
      section > h2 { margin: 0 0 8px; font-size: var(--cs-size-small); font-weight: 600; color: var(--cs-text-soft); }
      [data-panel="channels"] { grid-area: channels; }
      [data-panel="scope"] { grid-area: scope; display: grid; gap: 8px; align-content: start; }
      [data-panel="messages"] { grid-area: messages; display: flex; flex-direction: column; min-height: 200px; max-height: 46dvh; }
      [data-panel="messages"] csoundd-messages { flex: 1; }
      [data-panel="keyboard"] { grid-area: keyboard; }
      .side { grid-area: side; display: grid; gap: 10px; align-content: start; min-width: 0; }
      .meters { display: grid; gap: 8px; }
      @media (max-width: 1080px) {
        main { grid-template: "channels channels" auto "keyboard keyboard" auto "scope side" auto "messages side" 1fr / minmax(0, 1fr) minmax(0, 1fr); }
      }
      @media (max-width: 700px) {
        main { grid-template: "channels" auto "keyboard" auto "scope" auto "side" auto "messages" auto / minmax(0, 1fr); padding: 8px; gap: 8px; }
        header { gap: 8px 12px; padding: 8px; }
        main.is-empty { grid-template-areas: "channels" "keyboard" "side" "messages" "scope"; }
      }
      .start { display: grid; gap: 12px; align-content: start; }
      .start p { margin: 0; max-width: 60ch; }
      .start ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); gap: 8px; list-style: none; margin: 0; padding: 0; }
      .start li button { width: 100%; height: 100%; min-height: 62px; padding: 8px 12px; flex-direction: column; align-items: flex-start; gap: 1px;
        white-space: normal; text-align: left; }
      .start strong { font-weight: 600; font-size: calc(var(--cs-size) + 1px); }
      .faults { border: 1px solid var(--cs-error); border-radius: var(--cs-radius); padding: 8px 10px; margin-bottom: 10px; background: var(--cs-error-soft); }
      .faults ol { margin: 6px 0 0; padding: 0; list-style: none; display: grid; gap: 6px; }
      .faults pre { margin: 2px 0 0; padding: 3px 6px; font: var(--cs-size-small) / 1.4 var(--cs-mono); background: var(--cs-well); overflow: auto;
        border-radius: 3px; }
      .notices { position: fixed; right: 12px; bottom: 12px; z-index: 9; display: grid; gap: 8px; max-width: min(440px, calc(100vw - 24px)); }
      .notices div { display: flex; gap: 8px; align-items: start; padding: 8px 8px 8px 12px; background: var(--cs-raised); border: 1px solid var(--cs-error);
        border-left-width: 4px; border-radius: var(--cs-radius); box-shadow: 0 4px 18px #0005; white-space: pre-line; overflow-wrap: anywhere; }
      .notices span { flex: 1; max-height: 10em; overflow: auto; }
      .drop { position: fixed; inset: 8px; z-index: 8; display: grid; place-items: center; border: 2px dashed var(--cs-accent); border-radius: 10px;
        background: color-mix(in srgb, var(--cs-page) 82%, transparent); font-size: 20px; pointer-events: none; }
    `]}#e;#t;#n=[];#r=0;#i=!1;#a=!1;begin(e){this.#e=B(e),this.#t=$e(e);let t=()=>{this.requestUpdate()},n=e=>{this.#d(e.detail.message)};e.addEventListener(`failure`,n);let r=[[`keydown`,this.#m],[`dragover`,this.#h],[`dragleave`,this.#g],[`drop`,this.#_]];for(let[e,t]of r)addEventListener(e,t);return[e.onState(t),this.#e.onChange(t),this.#t.onChange(t),e.channels.watchList(e=>{this.#a=e.length>0,this.requestUpdate()}),()=>{e.removeEventListener(`failure`,n);for(let[e,t]of r)removeEventListener(e,t)}]}get#o(){return this.#e.state===`ready`&&!this.#a}render(){let{name:e,loading:t}=this.#t;return A`
      <header data-panel="transport">
        <h1>csoundd <small role="status" title=${e}>${t===``?e:`loading ${t}…`}</small></h1>
        <csoundd-transport></csoundd-transport>
        <csoundd-record class="push"></csoundd-record>
        <csoundd-listen></csoundd-listen>
        <button class="plain icon" title="Colours: ${ct()}" aria-label="Colours: ${ct()}" @click=${this.#p}>${Ye}</button>
      </header>
      ${this.#s()}
      <main class=${this.#o?`is-empty`:``}>
        <section data-panel="channels" aria-label="Channels">${this.#l()}${this.#o?this.#c():A`<csoundd-panel></csoundd-panel>
          <csoundd-presets></csoundd-presets>`}</section>
        <section data-panel="scope" aria-label="Levels, scope and spectrum">
          <csoundd-meter horizontal></csoundd-meter><csoundd-scope></csoundd-scope><csoundd-spectrum></csoundd-spectrum>
        </section>
        <section data-panel="messages" aria-label="Messages"><h2>Messages</h2><csoundd-messages></csoundd-messages></section>
        <div class="side">
          <section data-panel="files" aria-label="Pieces and files"><csoundd-files></csoundd-files></section>
          <section data-panel="engine" aria-label="Engine"><h2>Engine</h2><csoundd-engine></csoundd-engine></section>
        </div>
        <section data-panel="keyboard" aria-label="Keyboard"><csoundd-keyboard></csoundd-keyboard></section>
      </main>
      <csoundd-token></csoundd-token>
      <div class="notices" role="alert">${this.#n.map(({id:e,text:t})=>A`<div><span>${t}</span>
        <button class="plain icon" aria-label="Dismiss" @click=${()=>{this.#f(e)}}>${U}</button></div>`)}</div>
      ${this.#i?A`<div class="drop">Drop files into the workspace</div>`:M}
    `}#s(){let{state:e,reason:t,refusal:n}=this.connection;if(n===`protocol`)return A`<div class="banner" role="alert"><p>This page and the daemon do not understand each other: ${t}.
        Load the page anew; if that does not help, the daemon is of another version.</p>
        <button @click=${()=>{this.connection.retry()}}>Try again</button></div>`;if(e===`connecting`&&t!==``)return A`<div class="banner" role="status"><p>No connection: ${t}. It is tried again by itself.</p></div>`;if(e!==`connected`||this.#e.state===void 0||this.#e.isLive)return M;let r=this.#e.reason;return this.#e.state===`failed`?A`<div class="banner" role="alert"><p>The engine is given up${r===``?``:`: ${r}`}. Load another piece, or begin with an empty engine.</p>
        <button @click=${()=>void this.connection.attempt(e=>e.engine.restart())}>Empty engine</button></div>`:A`<div class="banner" role="status"><p>The engine is being brought back${r===``?``:`: ${r}`}.</p></div>`}#c(){let e=this.connection.cs?.welcome.scopes.includes(`admin`)??!1,t=t=>A`<li><button ?disabled=${!e||this.#t.loading!==``}
      @click=${()=>{this.#u(t)}}><strong>${t.title}</strong><span class="small soft">${t.about}</span></button></li>`;return A`<div class="start">
      <p>Nothing is loaded. Choose a piece to hear it, play a key below, or drop a <span class="mono">.csd</span> of yours.</p>
      <ul>${[Re,...ze].map(t)}</ul>
    </div>`}#l(){let{failed:e,faults:t}=this.#t;return e===``&&t.length===0?M:A`<div class="faults" role="alert">
      <div class="row"><strong class="grow">${e===``?`It plays, but`:`${e} does not compile; what played goes on`}</strong>
        <button class="plain icon" aria-label="Dismiss" @click=${()=>{this.#t.dismiss()}}>${U}</button></div>
      <ol>${t.map(({line:e,file:t,message:n,source:r})=>A`<li>
        ${e===0?M:A`<strong>${t===``?``:`${t}, `}line ${e}</strong>: `}${n}
        ${r===``?M:A`<pre>${r}</pre>`}</li>`)}</ol>
    </div>`}#u(e){this.#e.info?.drive!==`device`&&K(this.connection).start(),this.#t.load(e)}#d(e){let t=this.#r++;this.#n=[...this.#n.filter(t=>t.text!==e),{id:t,text:e}].slice(-4),this.requestUpdate(),setTimeout(()=>{this.#f(t)},Xt)}#f(e){this.#n=this.#n.filter(t=>t.id!==e),this.requestUpdate()}#p=()=>{lt(),this.requestUpdate()};#m=e=>{if(e.key!==` `||e.defaultPrevented||e.repeat)return;let t=e.composedPath()[0];t instanceof HTMLElement&&t.matches(`button, input, select, textarea, summary, a, [role], [tabindex]`)||(e.preventDefault(),this.renderRoot.querySelector(`csoundd-transport`)?.toggle())};#h=e=>{e.dataTransfer?.types.includes(`Files`)===!0&&(e.preventDefault(),this.#i||(this.#i=!0,this.requestUpdate()))};#g=e=>{e.relatedTarget===null&&(this.#i=!1,this.requestUpdate())};#_=e=>{let t=[...e.dataTransfer?.files??[]];t.length!==0&&(e.preventDefault(),this.#i=!1,this.requestUpdate(),this.renderRoot.querySelector(`csoundd-files`)?.upload(t))}};customElements.define(`csoundd-console`,Zt);