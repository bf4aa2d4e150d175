<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Canon: three plucked voices with one melody, each eight beats behind the one before, over a bass of four notes and,
; from the second round on, bowed strings. All of it is in the score; it lasts about 23 seconds.
; The knobs hold from the next note on. To hear it with others: move them, then csoundd call csound.rewindScore.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
seed 1685

; A channel with hints: name, mode (3: both ways), kind (1 whole steps, 2 linear, 3 exponential), default, lowest, highest;
; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "pick", 3, 2, 0.45, 0, 1, 0, 0, 0, 0, {{description="How hard a plectrum strikes: 0 is the tip of a finger"}}
chnset 0.45, "pick"
$KNOB "damping", 3, 3, 0.6, 0.02, 4, 0, 0, 0, 0, {{unit=s description="How long a string rings on after its note"}}
chnset 0.6, "damping"
$KNOB "accent", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{description="How much stronger the strong beats are"}}
chnset 0.5, "accent"
$KNOB "bows", 3, 2, 0.6, 0, 1, 0, 0, 0, 0, {{unit=linear description="Level of the bowed strings"}}
chnset 0.6, "bows"
$KNOB "width", 3, 2, 0.8, 0, 1, 0, 0, 0, 0, {{description="How far apart the voices sit"}}
chnset 0.8, "width"
$KNOB "room", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of the room is heard"}}
chnset 0.5, "room"
$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"

gaDryL init 0
gaDryR init 0
gaRoomL init 0
gaRoomR init 0

; By voice: octaves up or down, which side it is on (-1 left, 1 right), and where the string is picked.
giOctaves ftgen 0, 0, 4, -2, 0, -1, 0, 0
giSides ftgen 0, 0, 4, -2, 0, -1, 1, 0
giPicks ftgen 0, 0, 4, -2, 0.11, 0.31, 0.07, 0.5

; To a side from -1 to 1, as far as "width" goes, and a share of it to the room.
opcode place, 0, aii
  asound, iside, iroom xin
  aleft, aright pan2 asound, 0.5 + 0.5 * iside * chnget:i("width")
  gaDryL += aleft
  gaDryR += aright
  gaRoomL += aleft * iroom
  gaRoomR += aright * iroom
endop

; p4: pitch as octave.semitone, p5: voice (0 to 2), p6: the beat of the melody that the note begins on
instr String
  ifrequency = cpspch(p4 + table:i(p5, giOctaves))
  ; A phrase of eight beats swells towards its middle; the first beat of each pair is stronger than the second, and
  ; what lies between two beats is weaker still. No player strikes twice alike.
  iphrase = sin($M_PI * frac(p6 / 8))
  iweight = frac(p6) > 0 ? 0.35 : (p6 % 2 == 0 ? 1 : 0.6)
  ivelocity = 0.55 + 0.25 * iphrase + chnget:i("accent") * 0.7 * (iweight - 0.6) + random:i(-0.04, 0.04)
  ipick = chnget:i("pick")
  ; Each course has two strings, the thinner an octave higher, as on a lute.
  ibright = 0.01 + 0.06 * (1 - ipick)
  alow wgpluck2 table:i(p5, giPicks), ivelocity, ifrequency, 0.1, ibright
  ahigh wgpluck2 table:i(p5, giPicks), ivelocity, ifrequency * 2 * cent(2), 0.1, ibright
  astring = alow + 0.5 * ahigh
  ; The wood: two modes of the body; and the plectrum, a tick that is over in 12 ms.
  abody = 0.25 * reson(astring, 190, 60, 1) + 0.2 * reson(astring, 420, 90, 1)
  atick = butterbp(noise:a(expon:k(1, 0.012, 0.001), 0) * (timeinsts:k() < 0.012 ? 1 : 0), 3200, 2400)
  kdamp = linsegr:k(1, p3, 1, chnget:i("damping"), 0)
  asound = (astring + abody + atick * ipick * ivelocity * 0.5) * kdamp
  ; What is soft is also darker.
  place tone(asound, 2500 + 12000 * ivelocity * ivelocity), table:i(p5, giSides), 0.35
endin

; p4: pitch as octave.semitone
instr Bass
  ifrequency = cpspch(p4)
  kfall = expseg:k(0.001, 0.015, 1, p3 - 0.075, 0.25, 0.06, 0.001)
  asaw = butterlp(vco2(0.4, ifrequency, 12), expseg:k(1200, p3, 200))
  place (asaw + poscil(0.35, ifrequency)) * kfall * 0.7, 0, 0.1
endin

; p4, p5: two pitches as octave.semitone, one for each side; p6: level. Each is two bows that are never quite agreed.
instr Bows
  kswell = linsegr:k(0, p3 * 0.5, 1, p3 * 0.5, 0.6, 0.5, 0) * p6 * chnget:k("bows")
  kbright = 1000 + 3500 * kswell / (p6 + 0.001)
  a1 = vco2(0.2, cpspch(p4) * cent(rspline:k(-7, 1, 0.2, 1))) + vco2(0.2, cpspch(p4) * cent(rspline:k(1, 9, 0.2, 1)))
  a2 = vco2(0.2, cpspch(p5) * cent(rspline:k(-9, -1, 0.2, 1))) + vco2(0.2, cpspch(p5) * cent(rspline:k(1, 7, 0.2, 1)))
  place tone(tone:a(a1, kbright), 6000) * kswell, -0.7, 0.6
  place tone(tone:a(a2, kbright), 6000) * kswell, 0.7, 0.6
endin

instr Out
  kroom = portk(chnget:k("room"), 0.05, chnget:i("room"))
  kgain = portk(chnget:k("gain"), 0.05, chnget:i("gain"))
  aleft, aright reverbsc gaRoomL, gaRoomR, 0.86, 11000
  aoutL = tanh(dcblock(gaDryL + aleft * kroom * 1.4) * kgain * 0.92) * 0.83
  aoutR = tanh(dcblock(gaDryR + aright * kroom * 1.4) * kgain * 0.92) * 0.83
  out aoutL, aoutR
  clear gaDryL, gaDryR, gaRoomL, gaRoomR
endin
</CsInstruments>
<CsScore>
; Beats a minute at each beat: it gathers pace, and takes its time over the last bars.
t 0 122 8 128 32 138 38 132 40 104 46 96

i "Out" 0 50

; The melody: three phrases of eight beats, the last number being the beat of it. The loop writes it for each voice.
{ 3 VOICE
i "String" [ 0.0 + 8 * $VOICE] 1.5  8.09 $VOICE 0
i "String" [ 1.5 + 8 * $VOICE] 0.5  9.02 $VOICE 1.5
i "String" [ 2.0 + 8 * $VOICE] 1.0  9.02 $VOICE 2
i "String" [ 3.0 + 8 * $VOICE] 1.0  9.05 $VOICE 3
i "String" [ 4.0 + 8 * $VOICE] 1.5  9.00 $VOICE 4
i "String" [ 5.5 + 8 * $VOICE] 0.5  8.09 $VOICE 5.5
i "String" [ 6.0 + 8 * $VOICE] 1.0  8.07 $VOICE 6
i "String" [ 7.0 + 8 * $VOICE] 1.0  8.04 $VOICE 7

i "String" [ 8.0 + 8 * $VOICE] 0.5  9.02 $VOICE 8
i "String" [ 8.5 + 8 * $VOICE] 0.5  9.05 $VOICE 8.5
i "String" [ 9.0 + 8 * $VOICE] 0.5  9.09 $VOICE 9
i "String" [ 9.5 + 8 * $VOICE] 0.5  9.05 $VOICE 9.5
i "String" [10.0 + 8 * $VOICE] 0.5  9.02 $VOICE 10
i "String" [10.5 + 8 * $VOICE] 0.5  9.05 $VOICE 10.5
i "String" [11.0 + 8 * $VOICE] 0.5  9.10 $VOICE 11
i "String" [11.5 + 8 * $VOICE] 0.5  9.05 $VOICE 11.5
i "String" [12.0 + 8 * $VOICE] 0.5  9.00 $VOICE 12
i "String" [12.5 + 8 * $VOICE] 0.5  9.05 $VOICE 12.5
i "String" [13.0 + 8 * $VOICE] 0.5  9.09 $VOICE 13
i "String" [13.5 + 8 * $VOICE] 0.5  9.05 $VOICE 13.5
i "String" [14.0 + 8 * $VOICE] 0.5  9.00 $VOICE 14
i "String" [14.5 + 8 * $VOICE] 0.5  9.04 $VOICE 14.5
i "String" [15.0 + 8 * $VOICE] 1.0  9.07 $VOICE 15

i "String" [16.0 + 8 * $VOICE] 1.0  9.09 $VOICE 16
i "String" [17.0 + 8 * $VOICE] 1.0  9.05 $VOICE 17
i "String" [18.0 + 8 * $VOICE] 1.5  9.10 $VOICE 18
i "String" [19.5 + 8 * $VOICE] 0.5  9.09 $VOICE 19.5
i "String" [20.0 + 8 * $VOICE] 1.0  9.09 $VOICE 20
i "String" [21.0 + 8 * $VOICE] 1.0 10.00 $VOICE 21
i "String" [22.0 + 8 * $VOICE] 1.0  9.07 $VOICE 22
i "String" [23.0 + 8 * $VOICE] 1.0  9.04 $VOICE 23
}

; The bass goes round five times: D, B flat, F, C.
{ 5 ROUND
i "Bass" [0 + 8 * $ROUND] 1.9 7.02
i "Bass" [2 + 8 * $ROUND] 1.9 6.10
i "Bass" [4 + 8 * $ROUND] 1.9 7.05
i "Bass" [6 + 8 * $ROUND] 1.9 7.00
}

; The bows come in with the second voice, and louder with each round.
{ 4 ROUND
i "Bows" [ 8 + 8 * $ROUND] 2.2 8.05 8.09 [0.2 + 0.07 * $ROUND]
i "Bows" [10 + 8 * $ROUND] 2.2 8.02 8.10 [0.2 + 0.07 * $ROUND]
i "Bows" [12 + 8 * $ROUND] 2.2 8.00 8.09 [0.2 + 0.07 * $ROUND]
i "Bows" [14 + 8 * $ROUND] 2.2 8.04 8.07 [0.2 + 0.07 * $ROUND]
}

; They close together on D.
i "Bass" 40 5 6.02
i "Bows" 40 5 8.02 8.09 0.3
i "String" 40.00 6 9.02 0 0
i "String" 40.12 6 9.09 1 0
i "String" 40.24 6 8.06 2 0
i "String" 40.40 6 9.02 2 0
e
</CsScore>
</CsoundSynthesizer>
