-- What every script of an account shares. Amounts are whole numbers; the caller keeps each below 4e15, so that sums stay exact in Lua's doubles.
--
-- Keys, all in the account's slot:
--   pol:{account}:h   hash    hold id -> record
--   pol:{account}:x   sorted  live holds by the moment they expire
--   pol:{account}:d   sorted  finished holds by the moment they are forgotten
--   pol:{account}:w   set     finished holds that the ledger has not heard of
--   pol:{account}:T   hash    counters of a target T: a (the account), u<id> (a person in it), k<id> (a key)
--
-- Counters by kind of field:
--   window       {ledger, pending, held, end}   ledger: what the usage ledger has, false when that must be read anew; pending: committed, not yet there
--   rate         {cell, amount, cell, amount...}
--   concurrency  {running}
--   grant        {ledger, pending, held, end}   of a one-off credit
-- Beside them: e, the epoch of the counters that a target has; v, the version of the ledger's sums.
local request = cmsgpack.unpack(ARGV[1])
local holdsKey = KEYS[1]
local prefix = string.sub(holdsKey, 1, -2)
local liveKey, doneKey, waitingKey = prefix .. 'x', prefix .. 'd', prefix .. 'w'

-- The server's clock decides; the shift is zero outside of tests.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + request[1]

-- A counter is needed for as long as its window can still be committed to.
local KEEP_COUNTERS = 40 * 24 * 3600 * 1000

local loaded, changed = {}, {}

local function remember(target, field, value)
  local fields = loaded[target]
  if not fields then
    fields = {}
    loaded[target] = fields
  end
  fields[field] = value
  return value
end

local function counter(target, field)
  local fields = loaded[target]
  local value = fields and fields[field]
  if value == nil then
    local packed = redis.call('HGET', prefix .. target, field)
    value = remember(target, field, packed and cmsgpack.unpack(packed) or false)
  end
  return value
end

local function touch(target, field)
  local fields = changed[target]
  if not fields then
    fields = {}
    changed[target] = fields
  end
  fields[field] = true
end

local function flush()
  for target, fields in pairs(changed) do
    local arguments = {}
    for field in pairs(fields) do
      arguments[#arguments + 1] = field
      arguments[#arguments + 1] = cmsgpack.pack(loaded[target][field])
    end
    if #arguments > 0 then
      redis.call('HSET', prefix .. target, unpack(arguments))
      redis.call('PEXPIRE', prefix .. target, KEEP_COUNTERS)
    end
  end
  changed = {}
end

local function clamp(value, low, high)
  if value < low then return low end
  if value > high then return high end
  return value
end

-- Cells of a sliding window that still count, oldest first, and their sum. A cell counts until the whole of it has left the window.
local function cells(value, length, count)
  local oldest = math.floor(now / length) - count
  local live, sum = {}, 0
  for index = 1, #value, 2 do
    if value[index] >= oldest and value[index + 1] > 0 then
      live[#live + 1] = value[index]
      live[#live + 1] = value[index + 1]
      sum = sum + value[index + 1]
    end
  end
  return live, sum
end

-- Adds to a cell, when it is one that counts.
local function shift(value, cell, amount, isNew)
  for index = 1, #value, 2 do
    if value[index] == cell then
      value[index + 1] = math.max(0, value[index + 1] + amount)
      return
    end
  end
  if isNew then
    value[#value + 1] = cell
    value[#value + 1] = amount
  end
end

-- Adds to the cell of now, or takes from the cells in which the hold was counted, the latest first: never from what others have counted there.
local function count(entry, amount)
  local value = cells(counter(entry.t, entry.f) or {}, entry.p, entry.c)
  local own = entry.i
  if amount > 0 then
    local cell = math.floor(now / entry.p)
    shift(value, cell, amount, true)
    shift(own, cell, amount, true)
  else
    local rest = -amount
    for index = #own - 1, 1, -2 do
      local part = math.min(rest, own[index + 1])
      own[index + 1] = own[index + 1] - part
      shift(value, own[index], -part, false)
      rest = rest - part
    end
  end
  remember(entry.t, entry.f, value)
  touch(entry.t, entry.f)
end

-- What a window has used. Corrections may have taken more from it than was used in it.
local function spent(value)
  return math.max(0, value[1] + value[2])
end

-- A hold's record: s state (new, held, committed, released, expired, recorded), x expiry, n granted by unit, a consumed by unit so far, t whether the
-- ledger has it, e entries, u names of the units, i event id of the commit, m what it was asked for.
-- An entry: k kind, t target, f field, u unit, m amount held, v amount that grants cover, o amount that earlier grants take first, p length of a cell,
-- c number of cells, i {cell, amount...} where it was counted; fresh until it was carried into its counter for the first time.

local function burned(record, unit)
  local most = 0
  for _, entry in ipairs(record.e) do
    if entry.k == 'w' and entry.u == unit and entry.v > 0 then
      most = math.max(most, clamp(record.a[unit] - entry.m, 0, entry.v))
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
    if live or record.s == 'expired' or record.s == 'recorded' then return 0, math.max(granted, used) end
    return 0, used
  end
  if record.t then return 0, 0 end
  if entry.k == 'g' then
    local part = clamp(burned(record, entry.u) - entry.o, 0, entry.m)
    return live and entry.m - part or 0, part
  end
  return live and math.max(0, entry.m - used) or 0, used - clamp(used - entry.m, 0, entry.v)
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
        local value = counter(entry.t, entry.f)
        if value and entry.k == 'c' then
          value[1] = math.max(0, value[1] + held)
          touch(entry.t, entry.f)
        elseif value then
          value[2] = math.max(0, value[2] + pending)
          value[3] = math.max(0, value[3] + held)
          touch(entry.t, entry.f)
        end
      end
    end
  end
end

local function read(id)
  local packed = redis.call('HGET', holdsKey, id)
  return packed and cmsgpack.unpack(packed) or nil
end

local function write(id, record, keep)
  -- What the ledger has, and what was given back whole, has nothing left to carry anywhere: only the answer to a repetition is kept.
  local over = record.t
  if record.s == 'released' then
    over = true
    for _, used in ipairs(record.a) do over = over and (record.t or used == 0) end
  end
  if over then record.e = {} end
  redis.call('HSET', holdsKey, id, cmsgpack.pack(record))
  redis.call('PEXPIRE', holdsKey, KEEP_COUNTERS)
  if record.s == 'held' then
    redis.call('ZADD', liveKey, record.x, id)
    redis.call('PEXPIRE', liveKey, KEEP_COUNTERS)
  else
    redis.call('ZREM', liveKey, id)
    redis.call('ZADD', doneKey, now + keep, id)
    redis.call('PEXPIRE', doneKey, KEEP_COUNTERS)
    if over then
      redis.call('SREM', waitingKey, id)
    else
      redis.call('SADD', waitingKey, id)
      redis.call('PEXPIRE', waitingKey, KEEP_COUNTERS)
    end
  end
end

-- Holds whose time is over stop counting at the moment somebody looks, whoever does. They may belong to other people of the account, whose keys are in
-- the same slot though not among KEYS.
local function sweep(keep)
  repeat
    local ids = redis.call('ZRANGEBYSCORE', liveKey, '-inf', now, 'LIMIT', 0, 100)
    for _, id in ipairs(ids) do
      local record = read(id)
      if record then
        transition(record, function(r) r.s = 'expired' end)
        write(id, record, keep)
      else
        redis.call('ZREM', liveKey, id)
      end
    end
  until #ids == 0
  local old = redis.call('ZRANGEBYSCORE', doneKey, '-inf', now, 'LIMIT', 0, 20)
  for _, id in ipairs(old) do
    -- What was committed and never reported is not in the ledger, which is what counts in the end.
    local record = read(id)
    if record and not record.t then transition(record, function(r) r.t = true end) end
  end
  if #old > 0 then
    redis.call('HDEL', holdsKey, unpack(old))
    redis.call('ZREM', doneKey, unpack(old))
    redis.call('SREM', waitingKey, unpack(old))
  end
end

-- The ledger's sums of a target are not to be trusted any more; what is held and pending stays.
local function forget(target)
  local fields = redis.call('HGETALL', prefix .. target)
  for index = 1, #fields, 2 do
    if #fields[index] > 17 then
      local value = counter(target, fields[index])
      if value[4] < now - 3 * 24 * 3600 * 1000 then
        redis.call('HDEL', prefix .. target, fields[index])
        remember(target, fields[index], false)
        if changed[target] then changed[target][fields[index]] = nil end
      else
        value[1] = false
        touch(target, fields[index])
      end
    end
  end
end
