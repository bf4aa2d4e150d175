<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Live: a starting point for live coding. Start it with `csoundd serve live.csd`, then change a part below and compile
; only that part again. A new definition of an instrument holds from its next note on; nothing stops. Try it with
;
;   csoundd call orc.compile 'instr Hat
;     send noise(expon:k(p4, p3, 0.001), 0.9) * 0.3, p5, 0.1, 0.3
;   endin'

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
seed 0

; A channel with hints: name, mode (3: both ways), kind (1 whole steps, 2 linear, 3 exponential), default, lowest, highest;
; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "tempo", 3, 2, 112, 60, 180, 0, 0, 0, 0, {{unit=bpm description="Beats a minute"}}
chnset 112, "tempo"
$KNOB "swing", 3, 2, 0.15, 0, 0.6, 0, 0, 0, 0, {{description="How late every other quarter of a beat comes"}}
chnset 0.15, "swing"
$KNOB "density", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{description="How often a string is plucked"}}
chnset 0.5, "density"
$KNOB "open", 3, 3, 1, 0.2, 5, 0, 0, 0, 0, {{unit=ratio description="Opens or closes the filters, 1 as they are"}}
chnset 1, "open"
$KNOB "echo", 3, 2, 0.45, 0, 0.85, 0, 0, 0, 0, {{unit=linear description="How much of each echo comes back"}}
chnset 0.45, "echo"
$KNOB "room", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of the room is heard"}}
chnset 0.5, "room"
$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"

; --- the ground: beats, keys, a way to the output -------------------------------------------------------------

gaDryL init 0
gaDryR init 0
gaRoomL init 0
gaRoomR init 0
gaEcho init 0

; The key that everything is in, and the steps of its scale in semitones.
giRoot init 45
giScale ftgen 100, 0, 8, -2, 0, 3, 5, 7, 10

; Beats in seconds.
opcode beats, i, i
  icount xin
  xout icount * 60 / chnget:i("tempo")
endop

; A step of the scale as a frequency; it has five steps to an octave, and steps go on above and below.
opcode step, i, i
  istep xin
  ioctave = floor(istep / 5)
  ioffset table istep - 5 * ioctave, giScale
  xout cpsmidinn(giRoot + 12 * ioctave + ioffset)
endop

; Whether a pattern of x and . has an x at a place, counted round and round.
opcode hit, i, Si
  Spattern, iplace xin
  ilength strlen Spattern
  iwhere = iplace % ilength
  xout strcmp(strsub(Spattern, iwhere, iwhere + 1), "x") == 0 ? 1 : 0
endop

; To a side from left (0) to right (1), and shares of it to the room and to the echoes.
opcode send, 0, aiii
  asignal, iside, iroom, iecho xin
  aleft, aright pan2 asignal, iside
  gaDryL += aleft
  gaDryR += aright
  gaRoomL += aleft * iroom
  gaRoomR += aright * iroom
  gaEcho += asignal * iecho
endop

; --- sounds: p4 is the level; tuned ones take a step of the scale in p5 ---------------------------------------

instr Kick
  kpitch expseg 160, 0.05, 52, p3, 45
  kfall expon p4, p3, 0.001
  asound poscil kfall, kpitch
  send tanh(asound * 1.8) * 0.5, 0.5, 0, 0
endin

; p5 is its side.
instr Hat
  kfall expon p4, p3, 0.001
  anoise noise kfall, 0
  asound buthp anoise, 7000
  send asound * 0.5, p5, 0.1, 0.1
endin

; The lowest octave in the middle, where it belongs, and two saws beside it.
instr Bass
  kfall linsegr 0, 0.005, 1, 0.15, 0.5, 0.05, 0
  kopen = limit(expon:k(1800, p3, 180) * chnget:k("open"), 40, 15000)
  aleft moogladder2 vco2(p4, step(p5) * cent(6), 0), kopen, 0.4
  aright moogladder2 vco2(p4, step(p5) * cent(-6), 0), kopen, 0.4
  send aleft * kfall * 0.8, 0.25, 0, 0
  send aright * kfall * 0.8, 0.75, 0, 0
endin

instr Pluck
  asound pluck p4, step(p5), step(p5), 0, 1
  abright tone asound, limit(3500 * chnget:i("open"), 100, 15000)
  kfall linsegr 1, p3, 1, 0.2, 0
  send abright * kfall, random:i(0, 1), 0.35, 0.4
endin

; Three steps at once, each at a side of its own: p5 and the two thirds above.
instr Chord
  kfall expseg 0.001, 0.02, 1, p3, 0.05
  kopen = limit(expseg:k(500, 0.1, 2600, p3, 300) * chnget:k("open"), 40, 15000)
  send tone(vco2(p4, step(p5), 10), kopen) * kfall, 0.5, 0.5, 0.3
  send tone(vco2(p4, step(p5 + 2), 10), kopen) * kfall, 0, 0.5, 0.2
  send tone(vco2(p4, step(p5 + 4), 10), kopen) * kfall, 1, 0.5, 0.2
endin

; --- music: change these ---------------------------------------------------------------------------------------

; Called on every quarter of a beat with the count in p4.
instr Bar
  icount = p4
  if hit("x...x...x...x..x", icount) == 1 then
    schedule "Kick", 0, 0.3, 0.6
  endif
  if hit("..x...x...x.x.x.", icount) == 1 then
    schedule "Hat", 0, 0.08, 0.35, icount % 4 < 2 ? 0.2 : 0.85
  endif
  if hit("x..x..x.", icount) == 1 then
    ibass = icount % 64 < 32 ? 0 : 3
    schedule "Bass", 0, beats(0.4), 0.35, ibass - 5
  endif
  if hit("......x......x..", icount) == 1 then
    schedule "Chord", 0, beats(0.8), 0.16, icount % 64 < 32 ? 5 : 3
  endif
  if random:i(0, 1) < chnget:i("density") then
    schedule "Pluck", 0, beats(0.75), random:i(0.15, 0.3), int(random:i(5, 14.999))
  endif
endin

; --- what keeps it going ----------------------------------------------------------------------------------------

; Every other count comes late by the swing, and the one after it is on time again.
instr Clock
  schedule "Bar", 0, 0.1, p4
  iswing = chnget:i("swing") * (p4 % 2 == 0 ? 1 : -1)
  schedule "Clock", beats(0.25 * (1 + iswing)), 0.1, p4 + 1
endin

; Echoes that go from side to side, three quarters of a beat apart; a room; and a roof that nothing goes through.
instr Out
  kecho portk chnget:k("echo"), 0.05
  kroom portk chnget:k("room"), 0.05, chnget:i("room")
  kgain portk chnget:k("gain"), 0.05, chnget:i("gain")
  aechoL init 0
  aechoR init 0
  atime interp portk(45000 / chnget:k("tempo"), 0.2, 45000 / chnget:i("tempo"))
  aechoL vdelay3 gaEcho + aechoR * kecho, atime, 2000
  aechoR vdelay3 aechoL * kecho, atime, 2000
  aroomL, aroomR reverbsc gaRoomL + aechoL * 0.3, gaRoomR + aechoR * 0.3, 0.8, 9000
  aoutL = tanh((gaDryL + aechoL + aroomL * kroom * 2) * kgain * 1.9) * 0.8
  aoutR = tanh((gaDryR + aechoR + aroomR * kroom * 2) * kgain * 1.9) * 0.8
  out aoutL, aoutR
  clear gaDryL, gaDryR, gaRoomL, gaRoomR, gaEcho
endin

</CsInstruments>
<CsScore>
i "Clock" 0 0.1 0
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
