<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Lantern: a synthesizer to be played from outside, which plays by itself until somebody does.
;
;   i "Note" 0 2 60 0.8       two seconds of middle C: p4 is the key, p5 the velocity (0 to 1)
;   i "Note.60" 0 -1 60 0.8   holds it until  i "-Note.60" 0 0
;
; Every knob is a control channel with hints, so that a front end can draw it.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

; A channel with hints: name, mode (3: both ways), kind (1 whole steps, 2 linear, 3 exponential), default, lowest, highest;
; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"
$KNOB "cutoff", 3, 3, 1400, 60, 12000, 0, 0, 0, 0, {{unit=hz description="Where the filter rests"}}
chnset 1400, "cutoff"
$KNOB "resonance", 3, 2, 0.35, 0, 0.95, 0, 0, 0, 0, {{description="How much the filter rings"}}
chnset 0.35, "resonance"
$KNOB "sweep", 3, 2, 2, 0, 5, 0, 0, 0, 0, {{unit=octaves description="How far each note opens the filter"}}
chnset 2, "sweep"
$KNOB "attack", 3, 3, 0.02, 0.002, 4, 0, 0, 0, 0, {{unit=s description="How long a note takes to rise"}}
chnset 0.02, "attack"
$KNOB "release", 3, 3, 0.9, 0.02, 8, 0, 0, 0, 0, {{unit=s description="How long a note takes to go"}}
chnset 0.9, "release"
$KNOB "detune", 3, 2, 7, 0, 50, 0, 0, 0, 0, {{unit=cents description="How far the two saws are apart"}}
chnset 7, "detune"
$KNOB "echo", 3, 2, 0.3, 0, 0.9, 0, 0, 0, 0, {{unit=linear description="How much of each echo comes back"}}
chnset 0.3, "echo"
$KNOB "space", 3, 2, 0.3, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of the room is heard"}}
chnset 0.3, "space"
$KNOB "autoplay", 3, 1, 1, 0, 1, 0, 0, 0, 0, {{description="1 plays an arpeggio, 0 leaves it to you"}}
chnset 1, "autoplay"
$KNOB "tempo", 3, 2, 104, 40, 200, 0, 0, 0, 0, {{unit=bpm description="Beats a minute, of the arpeggio and the echoes"}}
chnset 104, "tempo"

gaLeft init 0
gaRight init 0

; Four chords of four keys each: A minor 9, F major 7, C over G with a ninth, E minor 7.
giChords ftgen 0, 0, 16, -2, 57, 64, 71, 72, 53, 60, 64, 69, 55, 60, 64, 74, 52, 59, 62, 67
; The order in which one bar touches a chord's keys, in eighth notes; from 4 on they are an octave up.
giFigure ftgen 0, 0, 8, -2, 0, 2, 1, 3, 6, 3, 5, 2

; Two detuned saws over a square an octave below, through a ladder filter that opens with each note.
opcode voice, aa, ii
  ikey, ivelocity xin
  kdetune = cent(portk:k(chnget:k("detune"), 0.05, chnget:i("detune")))
  ifrequency = cpsmidinn(ikey)
  asaw1 vco2 0.7, ifrequency * kdetune
  asaw2 vco2 0.7, ifrequency / kdetune
  asub vco2 0.5, ifrequency / 2, 10

  iattack chnget "attack"
  irelease chnget "release"
  kenvelope linsegr 0, iattack, 1, 0.4, 0.6, irelease, 0
  kcutoff portk chnget:k("cutoff"), 0.02, chnget:i("cutoff")
  kopen = kcutoff * powoftwo(chnget:k("sweep") * kenvelope * ivelocity - 1)
  kresonance = limit(chnget:k("resonance"), 0, 0.95)
  aleft moogladder2 asaw1 + asub, limit(kopen, 30, 16000), kresonance
  aright moogladder2 asaw2 + asub, limit(kopen, 30, 16000), kresonance

  aenvelope interp kenvelope * ivelocity
  xout aleft * aenvelope, aright * aenvelope
endop

instr Note
  aleft, aright voice p4, p5
  gaLeft += aleft
  gaRight += aright
endin

; What arrives over MIDI plays the same voice.
instr Key
  aleft, aright voice notnum(), veloc(0.1, 1)
  gaLeft += aleft
  gaRight += aright
endin
massign 0, "Key"

; Plays while "autoplay" is 1: an arpeggio in eighths over a bass note for each bar.
instr Player
  kstep init 0
  kbeat metro chnget:k("tempo") / 30
  if kbeat == 1 && chnget:k("autoplay") > 0.5 then
    kchord = int(kstep / 8)
    kwhere table kstep % 8, giFigure
    kkey table kchord * 4 + kwhere % 4, giChords
    kkey += kwhere > 3 ? 12 : 0
    kvelocity random 0.3, 0.55
    schedulek "Note", 0, 15 / chnget:k("tempo"), kkey, kvelocity
    if kstep % 8 == 0 then
      kbass table kchord * 4, giChords
      schedulek "Note", 0, 200 / chnget:k("tempo"), kbass - 12, 0.6
    endif
    kstep = (kstep + 1) % 32
  endif
endin

; Echoes that cross between the sides, a room, and an output that saturates before it can clip.
instr Out
  kecho portk chnget:k("echo"), 0.05
  kspace portk chnget:k("space"), 0.05
  aechoL init 0
  aechoR init 0
  atime interp portk(45000 / chnget:k("tempo"), 0.2, 45000 / chnget:i("tempo"))
  aechoL vdelay3 gaLeft * 0.6 + aechoR * kecho, atime, 2000
  aechoR vdelay3 gaRight * 0.6 + aechoL * kecho, atime * 0.75, 2000
  awetL = gaLeft + aechoL * kecho
  awetR = gaRight + aechoR * kecho
  aroomL, aroomR reverbsc awetL * 0.5, awetR * 0.5, 0.86, 9000

  kgain portk chnget:k("gain"), 0.02
  aoutL = tanh(dcblock(awetL + aroomL * kspace) * kgain) * 0.95
  aoutR = tanh(dcblock(awetR + aroomR * kspace) * kgain) * 0.95
  out aoutL, aoutR
  clear gaLeft, gaRight
endin
</CsInstruments>
<CsScore>
i "Player" 0 z
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
