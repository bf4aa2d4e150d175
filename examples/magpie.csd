<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Magpie: a bar of drums from a file is cut into sixteen slices, and the bird steals some and lays them elsewhere.
; Try "steal" at 1, "speed" at 0.5, or "crush" at 5. The bar is beat.wav, which magpie/beat.csd makes; put another
; WAV file in its place and this cuts that. The opcodes that play slices are in a file of their own too.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
seed 31

; A channel with hints: name, mode (3: both ways), kind (1 whole steps, 2 linear, 3 exponential), default, lowest, highest;
; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "tempo", 3, 2, 160, 60, 200, 0, 0, 0, 0, {{unit=bpm description="Beats a minute; the slices keep their pitch"}}
chnset 160, "tempo"
$KNOB "speed", 3, 3, 1, 0.25, 2, 0, 0, 0, 0, {{unit=ratio description="How fast the slices are played, and so their pitch: 1 as recorded"}}
chnset 1, "speed"
$KNOB "steal", 3, 2, 0.35, 0, 1, 0, 0, 0, 0, {{description="How often a slice is taken from elsewhere in the bar"}}
chnset 0.35, "steal"
$KNOB "stutter", 3, 2, 0.12, 0, 1, 0, 0, 0, 0, {{description="How often a slice is played two to four times as fast, again and again"}}
chnset 0.12, "stutter"
$KNOB "reverse", 3, 2, 0.08, 0, 1, 0, 0, 0, 0, {{description="How often a slice goes backwards"}}
chnset 0.08, "reverse"
$KNOB "crush", 3, 2, 16, 3, 16, 0, 0, 0, 0, {{unit=bits description="The bits of each sample of the drums"}}
chnset 16, "crush"
$KNOB "drums", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="Level of the drums"}}
chnset 0.7, "drums"
$KNOB "bass", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="Level of the bass"}}
chnset 0.7, "bass"
$KNOB "chords", 3, 2, 0.6, 0, 1, 0, 0, 0, 0, {{unit=linear description="Level of the chords"}}
chnset 0.6, "chords"
$KNOB "wobble", 3, 3, 3, 0.1, 20, 0, 0, 0, 0, {{unit=hz description="How often the filter of the bass opens"}}
chnset 3, "wobble"
$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"

; Paths count from the folder of this piece: start csound in it.
#include "slices.inc"
giBeat ftgen 0, 0, 0, 1, "magpie/beat.wav", 0, 0, 1
giSlices = 16

; Roots of the bass for four bars, and the keys of the chords over them: D minor 9, B flat major 9, G minor 9, A minor 7.
giRoots ftgen 0, 0, 4, -2, 38, 34, 31, 33
giChords ftgen 0, 0, 16, -2, 53, 60, 64, 69, 50, 57, 60, 65, 53, 58, 62, 69, 52, 55, 60, 67

gaDrumsL init 0
gaDrumsR init 0
gaChordsL init 0
gaChordsR init 0
gaBass init 0

opcode turned, k, S
  Sname xin
  xout portk(chnget:k(Sname), 0.05, chnget:i(Sname))
endop

; Slice p4 at the speed p5, at the side p6 between left (0) and right (1).
instr Slice
  asound = slice(giBeat, p4, giSlices, p5)
  aleft, aright pan2 asound, p6
  gaDrumsL += aleft
  gaDrumsR += aright
endin

; The key p4. Two saws that are not quite together beat slowly; the wobble opens the filter on them.
instr Bass
  ifrequency = cpsmidinn(p4)
  kopen = 180 + 700 * (0.5 + 0.5 * lfo:k(1, chnget:k("wobble")))
  asaws = vco2(0.3, ifrequency * 1.006) + vco2(0.3, ifrequency * 0.994)
  asound = moogladder2(asaws, kopen, 0.3) + poscil(0.25, ifrequency)
  gaBass += asound * linsegr:a(0, 0.01, 1, 0.08, 0)
endin

; The keys from place p4 of the table on, from left to right.
instr Chord
  kswell = expseg:k(0.01, 0.03, 1, p3, 0.08) * linseg:k(1, p3 - 0.05, 1, 0.05, 0)
  kopen = expseg:k(2600, p3, 350)
  a1 vco2 0.08, cpsmidinn(table:i(p4, giChords))
  a2 vco2 0.08, cpsmidinn(table:i(p4 + 1, giChords)) * cent(5)
  a3 vco2 0.08, cpsmidinn(table:i(p4 + 2, giChords)) * cent(-5)
  a4 vco2 0.08, cpsmidinn(table:i(p4 + 3, giChords))
  gaChordsL += tone:a(a1 + 0.3 * a2 + 0.8 * a3 + 0.2 * a4, kopen) * kswell
  gaChordsR += tone:a(a2 + 0.3 * a1 + 0.8 * a4 + 0.2 * a3, kopen) * kswell
endin

; A sixteenth, with its count in p4; it plays, then schedules the next.
instr Step
  icount = p4
  isixteenth = 15 / chnget:i("tempo")
  ispeed = chnget:i("speed")
  ; The first slice of a bar is always itself: so much theft, and still one can dance to it.
  istolen = (icount % 16 > 0 && random:i(0, 1) < chnget:i("steal")) ? 1 : 0
  islice = istolen == 1 ? int(random:i(0, 15.999)) : icount % 16
  iside = istolen == 1 ? random:i(0, 1) : (icount % 2 == 0 ? 0.5 : 0.75)
  idirection = random:i(0, 1) < chnget:i("reverse") ? -1 : 1
  itimes = random:i(0, 1) < chnget:i("stutter") ? int(random:i(2, 4.999)) : 1
  iagain = 0
  while iagain < itimes do
    schedule "Slice", iagain * isixteenth / itimes, isixteenth / itimes, islice, ispeed * idirection, iside
    iagain += 1
  od

  ibar = int(icount / 16) % 4
  iroot table ibar, giRoots
  if icount % 16 == 0 then
    schedule "Bass", 0, isixteenth * 5, iroot
    schedule "Chord", 0, isixteenth * 6, ibar * 4
  elseif icount % 16 == 6 then
    schedule "Bass", 0, isixteenth * 3, iroot + 12
  elseif icount % 16 == 10 then
    schedule "Bass", 0, isixteenth * 5, iroot + 7
    schedule "Chord", 0, isixteenth * 3, ibar * 4
  endif
  schedule "Step", isixteenth, 0.01, icount + 1
endin

; The drums push the rest down for a moment, as a compressor on the sum would.
instr Out
  kdrums turned "drums"
  kbits turned "crush"
  aleft = crush(gaDrumsL, kbits) * kdrums
  aright = crush(gaDrumsR, kbits) * kdrums
  kpush = 1 / (1 + 3 * portk(rms:k(aleft + aright), 0.03))
  kbass turned "bass"
  kchords turned "chords"
  abass = gaBass * kbass * kpush
  achordsL = gaChordsL * kchords * 6 * kpush
  achordsR = gaChordsR * kchords * 6 * kpush
  ; The walls: what is high in the drums comes back from each side at a time of its own.
  ahigh = butterhp(aleft + aright, 500) * 0.25
  awallL delay ahigh, 0.013
  awallR delay ahigh, 0.019
  aroomL, aroomR reverbsc achordsL * 0.5 + awallL * 0.3, achordsR * 0.5 + awallR * 0.3, 0.82, 8000
  kgain turned "gain"
  aoutL = tanh((aleft + awallL + abass + achordsL + aroomL) * kgain) * 0.85
  aoutR = tanh((aright + awallR + abass + achordsR + aroomR) * kgain) * 0.85
  out aoutL, aoutR
  clear gaDrumsL, gaDrumsR, gaChordsL, gaChordsR, gaBass
endin
</CsInstruments>
<CsScore>
i "Step" 0 0.01 0
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
