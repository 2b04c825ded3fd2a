-- Ends a hold, or commits a part of it. Every one of these is safe to repeat.
--
-- ARGV[2]: {what, hold id, ttl, keep, {unit, amount, unit, amount...}, event id, final, whether an operator's service asks}
--   what: commit (amounts are what was consumed from the beginning, so that a repetition changes nothing), release, prolong, look, shrink (takes back what
--   an enlargement has added)
-- answer:  {outcome, state, now, expiry, in the ledger, {unit, granted, consumed, unit, granted, consumed...}, meta}
local DONE, REPEATED, UNKNOWN, DIFFERENT, LESS, NOT_NOW = 0, 1, 2, 3, 4, 5
local what, id, ttl, keep, amounts, event, final, trusted = unpack(cmsgpack.unpack(ARGV[2]))

sweep(keep)
local record = find(id, keep)
-- What a service holds is settled by services: for anybody else it is no hold.
if record and not trusted and sub(record.m, -1) == 's' then record = nil end

local function answer(outcome)
  flush()
  if not record then return cmsgpack.pack({ outcome, '', now, 0, false, {}, '' }) end
  local consumed = {}
  for index, unit in ipairs(record.u) do
    consumed[#consumed + 1], consumed[#consumed + 2], consumed[#consumed + 3] = unit, record.n[index], record.a[index]
  end
  return cmsgpack.pack({ outcome, record.s, now, record.x, record.t, consumed, record.m })
end

if not record then return answer(UNKNOWN) end

if what == 'look' then return answer(DONE) end

if what == 'prolong' then
  if record.s ~= 'held' then return answer(NOT_NOW) end
  record.x = max(record.x, now + ttl)
  write(id, record, keep)
  return answer(DONE)
end

if what == 'shrink' then
  if record.s ~= 'held' then return answer(NOT_NOW) end
  local back = {}
  for index = 1, #amounts, 2 do back[amounts[index]] = amounts[index + 1] end
  transition(record, function(r)
    for index, unit in ipairs(r.u) do r.n[index] = max(0, r.n[index] - (back[unit] or 0)) end
    for _, entry in ipairs(r.e) do
      local value = entry.k == 'w' and counter(entry.t, entry.f, 'w')
      -- A window that is over has nothing of the enlargement.
      if value and value[4] > now then entry.m = max(0, entry.m - (back[r.u[entry.u]] or 0)) end
    end
  end)
  write(id, record, keep)
  return answer(DONE)
end

if what == 'release' then
  if record.s == 'released' or record.s == 'expired' then return answer(REPEATED) end
  if record.s ~= 'held' then return answer(NOT_NOW) end
  transition(record, function(r) r.s = 'released' end)
  write(id, record, keep)
  return answer(DONE)
end

-- What the caller does not name was as it estimated; a zero that it names is a zero. Of what it never spoke of it has used nothing.
local named, assumed = {}, {}
for _, unit in ipairs(record.d) do assumed[unit] = true end
for index = 1, #amounts, 2 do named[amounts[index]] = amounts[index + 1] end
local consumed, same, less = {}, true, false
for index, unit in ipairs(record.u) do
  consumed[index] = named[unit] or (final and not assumed[index] and max(record.n[index], record.a[index]) or record.a[index])
  same = same and consumed[index] == record.a[index]
  less = less or consumed[index] < record.a[index]
end

if record.s == 'released' then return answer(NOT_NOW) end
if record.s == 'committed' then return answer((same and record.i == event) and REPEATED or DIFFERENT) end
-- The ledger has heard of it first; what it has heard counts.
if record.s == 'recorded' or record.t then return answer(REPEATED) end
if less then return answer(LESS) end
if not final and same then
  record.x = record.s == 'held' and ttl > 0 and max(record.x, now + ttl) or record.x
  write(id, record, keep)
  return answer(REPEATED)
end

transition(record, function(r)
  r.a = consumed
  -- After its time a hold has nothing left to hold, and what was consumed counts all the same.
  if final then
    r.s, r.i = 'committed', event
  elseif r.s == 'held' and ttl > 0 then
    r.x = max(r.x, now + ttl)
  end
end)
write(id, record, keep)
return answer(DONE)
