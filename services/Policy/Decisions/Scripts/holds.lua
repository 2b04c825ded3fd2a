-- Holds, and what they add to their counters.

-- No script looks at more holds than this that are due; whoever comes next goes on. So none keeps the server from others for long.
local STEP = 200
-- Among so many of the oldest finished holds those that add nothing any more are looked for, when there are too many.
local OLDEST = 50
local mostRemembered = parse('<d', ARGV[1], 9)

-- A hold's record: s state (new, held, committed, released, expired, recorded), x expiry, n granted by unit, a consumed by unit so far, t whether the
-- ledger has it, e entries, u names of the units, i event id of the commit, m what it was asked for,
-- d the units (by number) of which the caller said nothing and something was assumed.
-- An entry: k kind (w window, r rate, c concurrency, g grant), t target, f field, u unit, m amount held, v amount that grants cover, o amount that earlier
-- grants take first, p length of a cell, c number of cells, i {cell, amount...} where it was counted; fresh until it was carried into its counter for the first
-- time.
--
-- Written: its form, then
--   GRANTED  expiry, when it began, number of units; what was granted of each; what the caller sent for it: {names of units, {k, t, f, u, p, c}..., m, how many of
--            the units the caller named}
--   WHOLE    {s, x, n, a, t, u, i, m, {k, t, f, u, m, v, o, p, c, i}..., d}
-- in MessagePack but for the numbers of the former.
local function assumedOf(sent)
  local units = {}
  for unit = (sent[4] or #sent[1]) + 1, #sent[1] do units[#units + 1] = unit end
  return units
end

local function read(id)
  local text = call('HGET', holdsKey, id)
  if not text then return nil end
  local form = string.byte(text)
  if form == WHOLE then
    local r = cmsgpack.unpack(sub(text, 2))
    local record = { s = r[1], x = r[2], n = r[3], a = r[4], t = r[5], u = r[6], i = r[7], m = r[8], d = r[10] or {}, e = {} }
    for index, e in ipairs(r[9]) do
      record.e[index] = { k = e[1], t = e[2], f = e[3], u = e[4], m = e[5], v = e[6], o = e[7], p = e[8], c = e[9], i = e[10] }
    end
    return record
  end
  local _, expiry, began, units, at = parse('<BddH', text)
  local record = { s = 'held', x = expiry, n = {}, a = {}, t = false, i = '', e = {} }
  for unit = 1, units do
    record.n[unit], at = parse('<d', text, at)
    record.a[unit] = 0
  end
  local sent = cmsgpack.unpack(sub(text, at))
  record.u, record.m, record.d = sent[1], sent[3], assumedOf(sent)
  for index, e in ipairs(sent[2]) do
    local entry = { k = e[1], t = e[2], f = e[3], u = e[4], m = 0, v = 0, o = 0, p = e[5], c = e[6], i = {} }
    if entry.k == 'w' then entry.m = record.n[entry.u] end
    if entry.k == 'r' and record.n[entry.u] > 0 then entry.i = { floor(began / entry.p), record.n[entry.u] } end
    record.e[index] = entry
  end
  return record
end

-- Notes that something is to be looked at then, at the latest.
local function expect(moment)
  if moment < due then due = moment end
end

local function renew()
  if now - renewed < DAY then return end
  renewed, dueBefore = now, nil
  call('ZADD', liveKey, '+inf', '')
  call('PEXPIRE', liveKey, KEEP_COUNTERS)
end

local thin

local function write(id, record, keep)
  -- What the ledger has, and what was given back whole, has nothing left to carry anywhere: only the answer to a repetition is kept.
  local counts = false
  for _, used in ipairs(record.a) do counts = counts or used > 0 end
  local over = record.t or (record.s == 'released' and not counts)
  if over then record.e = {} end
  local entries = {}
  for index, e in ipairs(record.e) do entries[index] = { e.k, e.t, e.f, e.u, e.m, e.v, e.o, e.p or 0, e.c or 0, e.i or {} } end
  local r = record
  renew()
  call('HSET', holdsKey, id, pack('<B', WHOLE) .. cmsgpack.pack({ r.s, r.x, r.n, r.a, r.t, r.u, r.i, r.m, entries, r.d }))
  if record.s == 'held' then
    call('ZADD', liveKey, record.x, id)
    if record.x > latest then latest, dueBefore = record.x + -record.x % ROUND, nil end
    expect(record.x)
  else
    call('ZREM', liveKey, id)
    call('ZADD', doneKey, now + keep, id)
    call('PEXPIRE', doneKey, KEEP_COUNTERS)
    expect(now + keep)
    if over or not counts then
      call('SREM', waitingKey, id)
    else
      call('SADD', waitingKey, id)
      call('PEXPIRE', waitingKey, KEEP_COUNTERS)
    end
    local excess = call('ZCARD', doneKey) - mostRemembered
    if excess > 0 then thin(excess) end
  end
end

local function burned(record, unit)
  local most = 0
  for _, entry in ipairs(record.e) do
    if entry.k == 'w' and entry.u == unit and entry.v > 0 then
      most = max(most, clamp(record.a[unit] - entry.m, 0, entry.v))
    end
  end
  return most
end

-- What an entry adds to its counter in the record's state: held, and pending (rates: counted).
local function share(record, entry)
  local live = record.s == 'held'
  if entry.k == 'c' then return live and 1 or 0, 0 end
  local used, granted = record.a[entry.u], record.n[entry.u]
  if entry.k == 'r' then
    if live or record.s == 'expired' or record.s == 'recorded' then return 0, max(granted, used) end
    return 0, used
  end
  if record.t then return 0, 0 end
  if entry.k == 'g' then
    local part = clamp(burned(record, entry.u) - entry.o, 0, entry.m)
    return live and entry.m - part or 0, part
  end
  return live and max(0, entry.m - used) or 0, used - clamp(used - entry.m, 0, entry.v)
end

-- Changes a record and carries the difference into its counters. A counter that is no more (its window is long over, or Redis was emptied) is left
-- alone: the ledger knows better by then.
local function transition(record, change)
  local before = {}
  for index, entry in ipairs(record.e) do
    local held, pending = share(record, entry)
    -- A limit that came while the call ran has counted nothing of it yet.
    if entry.fresh and entry.k == 'w' then held, pending = 0, 0 end
    entry.fresh = nil
    before[index] = { held, pending }
  end
  change(record)
  for index, entry in ipairs(record.e) do
    local held, pending = share(record, entry)
    held, pending = held - before[index][1], pending - before[index][2]
    if held ~= 0 or pending ~= 0 then
      if entry.k == 'r' then
        count(entry, pending)
      else
        local value = counter(entry.t, entry.f, entry.k)
        if value and entry.k == 'c' then
          value[1] = max(0, value[1] + held)
          touch(entry.t, entry.f, 'c')
        elseif value then
          value[2] = max(0, value[2] + pending)
          value[3] = max(0, value[3] + held)
          touch(entry.t, entry.f, entry.k)
        end
      end
    end
  end
end

-- Finished holds are no more. What was committed and never reported is not in the ledger, which is what counts in the end.
local function drop(ids)
  if #ids == 0 then return end
  for _, id in ipairs(ids) do
    local record = read(id)
    if record and not record.t then transition(record, function(r) r.t = true end) end
  end
  call('HDEL', holdsKey, unpack(ids))
  call('ZREM', doneKey, unpack(ids))
  call('SREM', waitingKey, unpack(ids))
end

-- More finished holds are remembered than may be. The oldest go; before those that the ledger has not heard of, which still count, those that only answer repetitions.
function thin(excess)
  local oldest, over = call('ZRANGE', doneKey, 0, OLDEST - 1), {}
  for _, id in ipairs(oldest) do
    if #over >= excess then break end
    if call('SISMEMBER', waitingKey, id) == 0 then over[#over + 1] = id end
  end
  for index = 1, min(excess, #oldest) do
    if #over > 0 then break end
    drop({ oldest[index] })
  end
  drop(over)
end

local function expire(id, record, keep)
  transition(record, function(r) r.s = 'expired' end)
  write(id, record, keep)
end

-- Holds whose time is over stop counting at the moment somebody looks, whoever does. They may belong to other people of the account, whose keys are in
-- the same slot though not among KEYS. Nobody looks before something is due.
local function sweep(keep)
  if now < due then return end
  due = NEVER
  for _, id in ipairs(call('ZRANGEBYSCORE', liveKey, '-inf', now, 'LIMIT', 0, STEP)) do
    local record = read(id)
    if record then expire(id, record, keep) else call('ZREM', liveKey, id) end
  end
  drop(call('ZRANGEBYSCORE', doneKey, '-inf', now, 'LIMIT', 0, STEP))
  -- What is left of those that are due is due still.
  for _, key in ipairs({ liveKey, doneKey }) do
    local first = call('ZRANGE', key, 0, 0, 'WITHSCORES')
    if first[2] and first[1] ~= '' then expect(tonumber(first[2])) end
  end
  -- The one that would have ended last may have been released.
  local last = tonumber(call('ZREVRANGEBYSCORE', liveKey, '(+inf', '-inf', 'WITHSCORES', 'LIMIT', 0, 1)[2] or 0)
  latest = last + -last % ROUND
  flush()
end

-- A hold as it is now: its time may be over although nobody has come to it yet.
local function find(id, keep)
  local record = read(id)
  if record and record.s == 'held' and record.x <= now then expire(id, record, keep) end
  return record
end

-- The ledger's sums of a target are not to be trusted any more; what is held and pending stays.
local function forget(target)
  local fields = call('HGETALL', prefix .. target)
  for index = 1, #fields, 2 do
    -- Windows and grants have longer names than the others.
    if #fields[index] > 17 then
      local value = counter(target, fields[index], 'w')
      if value[4] < now - 3 * DAY then
        call('HDEL', prefix .. target, fields[index])
        remember(target, fields[index], false)
        if changed[target] then changed[target][fields[index]] = nil end
      else
        value[1] = false
        touch(target, fields[index], 'w')
      end
    end
  end
end
