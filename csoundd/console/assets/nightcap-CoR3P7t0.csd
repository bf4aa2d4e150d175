<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Nightcap: an electric piano to be played over MIDI, with a bass and brushes. While nobody plays, it does so itself;
; four seconds after your last key it takes over again.
;
;   csoundd osc send /midi 144 60 100     a key down (144), middle C, how hard; 128 60 0 lets it go
;   csoundd midi                          plays the controller that is plugged in here
;   i "Note" 0 2 60 0.8                   the same piano without MIDI
;
; The sustain pedal holds keys, the pitch wheel bends by two semitones, the modulation wheel adds to the tremolo.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
seed 52

; A channel with hints: name, mode (3: both ways), kind (1 whole steps, 2 linear, 3 exponential), default, lowest, highest;
; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "autoplay", 3, 1, 1, 0, 1, 0, 0, 0, 0, {{description="1 plays while you do not, 0 waits for you"}}
chnset 1, "autoplay"
$KNOB "rhythm", 3, 1, 1, 0, 1, 0, 0, 0, 0, {{description="1 has bass and brushes, 0 leaves you alone"}}
chnset 1, "rhythm"
$KNOB "tempo", 3, 2, 92, 50, 180, 0, 0, 0, 0, {{unit=bpm description="Beats a minute"}}
chnset 92, "tempo"
$KNOB "swing", 3, 2, 0.62, 0.5, 0.75, 0, 0, 0, 0, {{description="Where in a beat its second half begins: 0.5 is even"}}
chnset 0.62, "swing"
$KNOB "bark", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{description="How much harder strikes are brighter"}}
chnset 0.5, "bark"
$KNOB "tine", 3, 2, 0.4, 0, 1, 0, 0, 0, 0, {{unit=linear description="The bell in each strike"}}
chnset 0.4, "tine"
$KNOB "tremolo", 3, 2, 0.55, 0, 1, 0, 0, 0, 0, {{description="How far the sound goes from side to side"}}
chnset 0.55, "tremolo"
$KNOB "rate", 3, 3, 4.5, 0.5, 12, 0, 0, 0, 0, {{unit=hz description="How often a second the sound goes there and back"}}
chnset 4.5, "rate"
$KNOB "drive", 3, 3, 1.4, 0.5, 8, 0, 0, 0, 0, {{unit=ratio description="How hot the amplifier is"}}
chnset 1.4, "drive"
$KNOB "room", 3, 2, 0.4, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of the room is heard"}}
chnset 0.4, "room"
$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"

; Four bars of two chords, four keys each: D minor 9, G 13, C major 9, A 7 with its ninth flat, and again with a way back.
giChords ftgen 0, 0, 32, -2, \
  53, 57, 60, 64, 53, 57, 59, 64, 52, 55, 59, 62, 55, 58, 61, 64, \
  53, 57, 60, 64, 53, 56, 59, 63, 52, 55, 59, 62, 51, 55, 58, 61
; The bass walks a key a beat.
giWalk ftgen 0, 0, 16, -2, 38, 41, 43, 42, 36, 40, 45, 39, 38, 36, 43, 44, 36, 40, 43, 39
; What the right hand likes, by chord: keys of the scale that fits.
giTune ftgen 0, 0, 32, -2, \
  69, 72, 76, 77, 71, 74, 76, 69, 71, 72, 74, 79, 73, 76, 70, 67, \
  69, 74, 77, 81, 68, 71, 75, 74, 67, 71, 74, 76, 70, 73, 75, 72
giSine ftgen 0, 0, 8192, 10, 1

gaPiano init 0
gaBandL init 0
gaBandR init 0
gkWheel init 0
; Seconds since a key was last down.
gkIdle init 10

; A tone bar struck by a hammer: one oscillator bends another's phase, less and less. A second pair, fourteen times
; as high, is the tine itself and is gone in a moment.
opcode strike, a, kii
  kfrequency, ikey, ivelocity xin
  ibark = chnget:i("bark")
  ilength = 9 * powoftwo((60 - ikey) / 24)
  kbody = expseg:k(1, ilength, 0.001, 1, 0.001)
  kindex = (0.3 + ibark * 2.5 * ivelocity * ivelocity) * expseg:k(1, 0.5, 0.35, ilength, 0.05, 1, 0.05)
  abody = foscili:a(kbody, kfrequency, 1, 1, kindex, giSine)
  ktine = expseg:k(1, 0.25, 0.01, 1, 0.0001, 1, 0.0001) * chnget:i("tine") * ivelocity * 1.2
  atine = foscili:a(ktine, kfrequency, 1, 14, 0.8, giSine)
  ; The damper falls when the key is let go.
  xout (abody + atine) * ivelocity * 0.3 * linsegr:a(0, 0.002, 1, 0.12, 0)
endop

instr Note
  gaPiano += strike(cpsmidinn(p4), p4, p5)
endin

; The keys of a MIDI keyboard, on any channel.
instr Key
  kbend = pchbend:k(0, 2)
  kwheel midictrl 1, 0, 1
  gkWheel = kwheel
  ikey notnum
  ivelocity veloc 0.05, 1
  gkIdle = 0
  gaPiano += strike(cpsmidinn(ikey + kbend), ikey, ivelocity)
endin
massign 0, "Key"

; The key p4 of a string bass, plucked.
instr Bass
  ifrequency = cpsmidinn(p4)
  astring = pluck:a(0.5, ifrequency, ifrequency, 0, 1)
  kfall = expseg:k(1, p3, 0.15) * linsegr:k(0, 0.008, 1, 0.06, 0)
  asound = (tone:a(astring, 500) * 1.4 + poscil:a(0.3, ifrequency)) * kfall * 0.7
  gaBandL += asound
  gaBandR += asound
endin

; Brushes: p4 is the level, p5 how bright, p6 how long they take to come.
instr Brush
  kstroke = linseg:k(0, p6, p4, p3 - p6, 0)
  aleft = butterbp(pinker:a() * kstroke * kstroke, p5, p5) * 1.5
  aright = butterbp(pinker:a() * kstroke * kstroke, p5 * 1.1, p5) * 1.5
  gaBandL += aleft
  gaBandR += aright
endin

; An eighth, with its count in p4: what the left hand, the right hand and the others do in it.
instr Eighth
  icount = p4
  ibeat = 60 / chnget:i("tempo")
  ihalf = icount % 2
  iplays = (chnget:i("autoplay") > 0.5 && i(gkIdle) > 4) ? 1 : 0
  ichord = int(icount / 4) % 8
  if iplays == 1 then
    ; The left hand: now on the beat, now before it.
    if (icount % 4 == 0 && random:i(0, 1) < 0.7) || icount == 0 || (icount % 4 == 3 && random:i(0, 1) < 0.35) then
      ; Just before a chord is due, it is that one already.
      inext = icount % 4 == 3 ? (ichord + 1) % 8 : ichord
      ilength = ibeat * random:i(0.6, 1.9)
      ivoice = 0
      while ivoice < 4 do
        schedule "Note", random:i(0, 0.02), ilength, table:i(inext * 4 + ivoice, giChords), random:i(0.35, 0.5)
        ivoice += 1
      od
    endif
    ; The right hand speaks in phrases, and is silent for a while after each.
    if (icount % 32 < 20 && random:i(0, 1) < 0.6) || icount % 16 == 1 then
      ikey table ichord * 4 + int(random:i(0, 3.999)), giTune
      schedule "Note", random:i(0, 0.015), ibeat * random:i(0.3, 1.2), ikey, random:i(0.45, 0.8)
    endif
  endif
  if chnget:i("rhythm") > 0.5 then
    if ihalf == 0 then
      schedule "Bass", 0, ibeat * 0.9, table:i(int(icount / 2) % 16, giWalk)
      schedule "Brush", 0, ibeat * 0.9, 0.5, 2600, ibeat * 0.4
    endif
    if icount % 4 == 2 || (ihalf == 1 && random:i(0, 1) < 0.4) then
      schedule "Brush", 0, 0.12, icount % 4 == 2 ? 0.9 : 0.5, 5200, 0.004
    endif
  endif
  iswing = chnget:i("swing")
  schedule "Eighth", ibeat * (ihalf == 0 ? iswing : 1 - iswing), 0.01, icount + 1
endin

opcode turned, k, S
  Sname xin
  xout portk(chnget:k(Sname), 0.05, chnget:i(Sname))
endop

instr Out
  gkIdle = active:k("Key") > 0 ? 0 : gkIdle + 1 / kr
  ; A valve that is driven from one side only: the softer half waves give it even harmonics.
  kdrive turned "drive"
  adriven = dcblock(tanh(gaPiano * kdrive + 0.2)) / sqrt(kdrive)
  ktremolo = limit(turned("tremolo") + gkWheel, 0, 1)
  aside = 0.5 + 0.5 * ktremolo * lfo:a(1, turned("rate"))
  aleft = adriven * sqrt(1 - aside)
  aright = adriven * sqrt(aside)
  kroom turned "room"
  aroomL, aroomR reverbsc aleft + gaBandL * 0.2, aright + gaBandR * 0.2, 0.75, 7000
  kgain turned "gain"
  aoutL = tanh((aleft + gaBandL + aroomL * kroom) * kgain * 1.35) * 0.85
  aoutR = tanh((aright + gaBandR + aroomR * kroom) * kgain * 1.35) * 0.85
  out aoutL, aoutR
  clear gaPiano, gaBandL, gaBandR
endin
</CsInstruments>
<CsScore>
i "Eighth" 0 0.01 0
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
