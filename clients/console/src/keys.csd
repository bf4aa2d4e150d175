<CsoundSynthesizer>
<CsOptions>
-d -m6
</CsOptions>
<CsInstruments>
; Keys: a struck, plucked, bowed thing between a piano and a harp, for whoever wants to hear a key at once.
;
;   i "Note.60" 0 -1 60 0.8   holds middle C until  i "-Note.60" 0 0

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

; Csound 7 calls it chnk, Csound 6 chn_k; only the former has this macro.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"
$KNOB "brightness", 3, 3, 5, 0.5, 20, 0, 0, 0, 0, {{description="How much of the high partials is heard"}}
chnset 5, "brightness"
$KNOB "attack", 3, 3, 0.004, 0.002, 1, 0, 0, 0, 0, {{unit=s description="How long a note takes to rise"}}
chnset 0.004, "attack"
$KNOB "release", 3, 3, 0.5, 0.02, 6, 0, 0, 0, 0, {{unit=s description="How long a note takes to go"}}
chnset 0.5, "release"
$KNOB "tremolo", 3, 2, 0.15, 0, 1, 0, 0, 0, 0, {{description="How far the sides go up and down"}}
chnset 0.15, "tremolo"
$KNOB "space", 3, 2, 0.25, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of the room is heard"}}
chnset 0.25, "space"

gaLeft init 0
gaRight init 0

; Two operators, the upper one of which fades: bright when struck, round as it rings.
opcode voice, aa, ii
  ikey, ivelocity xin
  ifrequency = cpsmidinn(ikey)
  ibright chnget "brightness"
  iattack chnget "attack"
  irelease chnget "release"
  iring = 7 - ikey / 22
  kenvelope linsegr 0, iattack, 1, iring * 0.15, 0.55, iring, 0.12, irelease, 0
  kindex expseg ibright * (0.25 + ivelocity), iring * 0.25, ibright * 0.18, iring, ibright * 0.05
  amodulator poscil kindex * ifrequency * 0.5, ifrequency * 2
  acarrier poscil 0.28, ifrequency + amodulator
  asecond poscil 0.16 * kenvelope, ifrequency * 1.003
  ktremolo = chnget:k("tremolo") * 0.5
  kswing lfo ktremolo, 5.2
  aenvelope interp kenvelope * (0.15 + 0.85 * ivelocity)
  asound = (acarrier + asecond) * aenvelope
  xout asound * (1 - ktremolo + kswing), asound * (1 - ktremolo - kswing)
endop

instr Note
  aleft, aright voice p4, p5
  gaLeft += aleft
  gaRight += aright
endin

instr Midi
  aleft, aright voice notnum(), veloc(0.1, 1)
  gaLeft += aleft
  gaRight += aright
endin
massign 0, "Midi"

instr Out
  kgain portk chnget:k("gain"), 0.02
  kspace portk chnget:k("space"), 0.05
  aroomL, aroomR reverbsc gaLeft, gaRight, 0.83, 8000
  outs tanh((gaLeft + aroomL * kspace) * kgain), tanh((gaRight + aroomR * kspace) * kgain)
  clear gaLeft, gaRight
endin
</CsInstruments>
<CsScore>
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
