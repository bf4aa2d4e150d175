; A starting point for live coding: start it with `csoundd serve live.orc`, then change a part below and compile
; only that part again. A new definition of an instrument holds from its next note on; nothing stops.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
seed 0

gaRoomL init 0
gaRoomR init 0

; --- the ground: beats, keys, a way to the output -------------------------------------------------------------

; Beats a minute, and the key that everything is in.
giTempo init 112
giRoot init 45
giScale ftgen 100, 0, 8, -2, 0, 3, 5, 7, 10

; Beats in seconds.
opcode beats, i, i
  icount xin
  xout icount * 60 / giTempo
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

; To a side from left (0) to right (1), and a share of it to the room.
opcode send, 0, aii
  asignal, iside, iroom xin
  aleft, aright pan2 asignal, iside
  gaRoomL += aleft * iroom
  gaRoomR += aright * iroom
  out aleft, aright
endop

; --- sounds: p4 is the level; tuned ones take a step of the scale in p5 ---------------------------------------

instr Kick
  kpitch expseg 160, 0.05, 52, p3, 45
  kfall expon p4, p3, 0.001
  asound poscil kfall, kpitch
  send tanh(asound * 1.8) * 0.5, 0.5, 0
endin

instr Hat
  kfall expon p4, p3, 0.001
  anoise noise kfall, 0
  asound buthp anoise, 7000
  send asound * 0.5, 0.6, 0.1
endin

instr Bass
  kfall linsegr 0, 0.005, 1, 0.15, 0.5, 0.05, 0
  kopen expon 1800, p3, 180
  asound vco2 p4, step(p5), 0
  afiltered moogladder2 asound, kopen, 0.4
  send afiltered * kfall, 0.5, 0
endin

instr Pluck
  asound pluck p4, step(p5), step(p5), 0, 1
  kfall linsegr 1, p3, 1, 0.2, 0
  send asound * kfall, random:i(0.2, 0.8), 0.35
endin

; --- music: change these ---------------------------------------------------------------------------------------

; Called on every quarter of a beat with the count in p4.
instr Bar
  icount = p4
  if hit("x...x...x...x..x", icount) == 1 then
    schedule "Kick", 0, 0.3, 0.6
  endif
  if hit("..x...x...x.x.x.", icount) == 1 then
    schedule "Hat", 0, 0.08, 0.25
  endif
  if hit("x..x..x.", icount) == 1 then
    ibass = icount % 64 < 32 ? 0 : 3
    schedule "Bass", 0, beats(0.4), 0.4, ibass - 5
  endif
  if random:i(0, 1) < 0.45 then
    schedule "Pluck", 0, beats(0.75), random:i(0.12, 0.25), int(random:i(5, 14.999))
  endif
endin

; --- what keeps it going ----------------------------------------------------------------------------------------

instr Clock
  schedule "Bar", 0, 0.1, p4
  schedule "Clock", beats(0.25), 0.1, p4 + 1
endin

instr Room
  aleft, aright reverbsc gaRoomL, gaRoomR, 0.8, 9000
  out aleft, aright
  clear gaRoomL, gaRoomR
endin

schedule "Room", 0, -1
schedule "Clock", 0, 0.1, 0
