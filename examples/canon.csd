<CsoundSynthesizer>
<CsInstruments>
; Canon: three plucked voices with one melody, each eight beats behind the one before, over a bass of four notes.
; All of it is in the score; it lasts about 22 seconds.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

gaRoomL init 0
gaRoomR init 0

; By voice: octaves up or down, where between left (0) and right (1), and where the string is picked.
giOctaves ftgen 0, 0, 4, -2, 0, -1, 0, 0
giSides ftgen 0, 0, 4, -2, 0.5, 0.2, 0.8, 0.5
giPicks ftgen 0, 0, 4, -2, 0.12, 0.3, 0.45, 0.5

; p4: pitch as octave.semitone, p5: voice (0 to 2)
instr String
  ioctave table p5, giOctaves
  iside table p5, giSides
  ipick table p5, giPicks
  ifrequency = cpspch(p4 + ioctave)
  ; A string rings on past its note, until the player damps it.
  astring wgpluck2 ipick, 0.6, ifrequency, 0.1, 0.08
  abody1 reson astring, 190, 60, 1
  abody2 reson astring, 420, 90, 1
  kdamp linsegr 1, p3, 1, 0.6, 0
  asound = (astring + 0.4 * abody1 + 0.3 * abody2) * kdamp * 0.9
  aleft, aright pan2 asound, iside
  gaRoomL += aleft * 0.25
  gaRoomR += aright * 0.25
  out aleft, aright
endin

; p4: pitch as octave.semitone
instr Bass
  ifrequency = cpspch(p4)
  kfall expseg 0.001, 0.015, 1, p3 - 0.075, 0.25, 0.06, 0.001
  kbright expseg 900, p3, 160
  asaw vco2 0.4, ifrequency, 12
  asub poscil 0.35, ifrequency
  alow butlp asaw, kbright
  asound = (alow + asub) * kfall * 0.4
  gaRoomL += asound * 0.08
  gaRoomR += asound * 0.08
  out asound, asound
endin

instr Room
  aleft, aright reverbsc gaRoomL, gaRoomR, 0.85, 9000
  out aleft, aright
  clear gaRoomL, gaRoomR
endin
</CsInstruments>
<CsScore>
t 0 132

i "Room" 0 50

; The melody: three phrases of eight beats.
{ 3 VOICE
i "String" [ 0.0 + 8 * $VOICE] 1.5 8.09 $VOICE
i "String" [ 1.5 + 8 * $VOICE] 0.5 9.02 $VOICE
i "String" [ 2.0 + 8 * $VOICE] 1.0 9.02 $VOICE
i "String" [ 3.0 + 8 * $VOICE] 1.0 9.05 $VOICE
i "String" [ 4.0 + 8 * $VOICE] 1.5 9.00 $VOICE
i "String" [ 5.5 + 8 * $VOICE] 0.5 8.09 $VOICE
i "String" [ 6.0 + 8 * $VOICE] 1.0 8.07 $VOICE
i "String" [ 7.0 + 8 * $VOICE] 1.0 8.04 $VOICE

i "String" [ 8.0 + 8 * $VOICE] 0.5 9.02 $VOICE
i "String" [ 8.5 + 8 * $VOICE] 0.5 9.05 $VOICE
i "String" [ 9.0 + 8 * $VOICE] 0.5 9.09 $VOICE
i "String" [ 9.5 + 8 * $VOICE] 0.5 9.05 $VOICE
i "String" [10.0 + 8 * $VOICE] 0.5 9.02 $VOICE
i "String" [10.5 + 8 * $VOICE] 0.5 9.05 $VOICE
i "String" [11.0 + 8 * $VOICE] 0.5 9.10 $VOICE
i "String" [11.5 + 8 * $VOICE] 0.5 9.05 $VOICE
i "String" [12.0 + 8 * $VOICE] 0.5 9.00 $VOICE
i "String" [12.5 + 8 * $VOICE] 0.5 9.05 $VOICE
i "String" [13.0 + 8 * $VOICE] 0.5 9.09 $VOICE
i "String" [13.5 + 8 * $VOICE] 0.5 9.05 $VOICE
i "String" [14.0 + 8 * $VOICE] 0.5 9.00 $VOICE
i "String" [14.5 + 8 * $VOICE] 0.5 9.04 $VOICE
i "String" [15.0 + 8 * $VOICE] 1.0 9.07 $VOICE

i "String" [16.0 + 8 * $VOICE] 1.0 9.09 $VOICE
i "String" [17.0 + 8 * $VOICE] 1.0 9.05 $VOICE
i "String" [18.0 + 8 * $VOICE] 1.5 9.10 $VOICE
i "String" [19.5 + 8 * $VOICE] 0.5 9.09 $VOICE
i "String" [20.0 + 8 * $VOICE] 1.0 9.09 $VOICE
i "String" [21.0 + 8 * $VOICE] 1.0 10.00 $VOICE
i "String" [22.0 + 8 * $VOICE] 1.0 9.07 $VOICE
i "String" [23.0 + 8 * $VOICE] 1.0 9.04 $VOICE
}

; The bass goes round five times: D, B flat, F, C.
{ 5 ROUND
i "Bass" [0 + 8 * $ROUND] 1.9 7.02
i "Bass" [2 + 8 * $ROUND] 1.9 6.10
i "Bass" [4 + 8 * $ROUND] 1.9 7.05
i "Bass" [6 + 8 * $ROUND] 1.9 7.00
}

; They close together on D.
i "Bass" 40 5 6.02
i "String" 40.00 6 9.02 0
i "String" 40.10 6 9.09 1
i "String" 40.20 6 8.05 2
i "String" 40.35 6 9.02 2
e
</CsScore>
</CsoundSynthesizer>
