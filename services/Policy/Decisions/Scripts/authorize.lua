-- Decides, and holds what is allowed: everything or nothing. Also the enlargement of a hold that runs already.
--
-- request: {shift, valid from, valid to, hold id, ttl, keep, units {need, minimum}..., limits, grants, targets {name, epoch}..., loads, names of units,
--           meta, enlarge}
-- limit:   {kind, target, field, maximum, unit, enforced, needs room, end of window or length of cell, number of cells, extended by grants}
-- grant:   {unit, field, amount, end}
-- load:    {target, version, epoch, {field, ledger, end, field, ledger, end...}, regardless of the version}
-- answer:  {status, now, expiry, {granted...}, {used, held, free again at, refused...}, {held of each grant...}}
local ALLOW, DENY, LOAD, CLOCK, GONE = 0, 1, 2, 3, 4
local validFrom, validTo, id, ttl, keep = request[2], request[3], request[4], request[5], request[6]
local units, limits, grants, targets, loads = request[7], request[8], request[9], request[10], request[11]
local enlarge = request[14]

-- The caller computed windows by its own clock; at their edges, or when that clock is wrong, it is told the time and asks again.
if now < validFrom or now >= validTo then return cmsgpack.pack({ CLOCK, now }) end

sweep(keep)

for _, load in ipairs(loads) do
  local target, version, epoch, values, regardless = load[1], load[2], load[3], load[4], load[5]
  local known = redis.call('HMGET', prefix .. target, 'e', 'v')
  if tonumber(known[2] or -1) > version and not regardless then
    -- Redis has heard of more than these sums include, whichever set of counters it heard it for.
    flush()
    return cmsgpack.pack({ LOAD, now })
  end
  if known[1] ~= epoch or tonumber(known[2] or -1) ~= version then
    forget(target)
    redis.call('HSET', prefix .. target, 'e', epoch, 'v', version)
  end
  for index = 1, #values, 3 do
    local field = values[index]
    local value = counter(target, field) or { 0, 0, 0, 0 }
    value[1], value[4] = values[index + 1], values[index + 2]
    remember(target, field, value)
    touch(target, field)
  end
end

-- One read for each target.
local wanted = {}
for _, target in ipairs(targets) do wanted[target[1]] = { 'e' } end
for _, limit in ipairs(limits) do
  local fields = wanted[limit[2]]
  fields[#fields + 1] = limit[3]
end
for _, grant in ipairs(grants) do
  local fields = wanted['a']
  fields[#fields + 1] = grant[2]
end
for _, target in ipairs(targets) do
  local name, fields = target[1], wanted[target[1]]
  local values = redis.call('HMGET', prefix .. name, unpack(fields))
  if target[2] ~= '' and values[1] ~= target[2] then
    flush()
    return cmsgpack.pack({ LOAD, now })
  end
  local known = loaded[name] or {}
  for index = 2, #fields do
    if known[fields[index]] == nil then
      remember(name, fields[index], values[index] and cmsgpack.unpack(values[index]) or false)
    end
  end
end

local room = {}
for index, unit in ipairs(units) do room[index] = 0 end
for _, grant in ipairs(grants) do
  local value = counter('a', grant[2])
  if not value or not value[1] then
    flush()
    return cmsgpack.pack({ LOAD, now })
  end
  room[grant[1]] = room[grant[1]] + math.max(0, grant[3] - value[1] - value[2] - value[3])
end

local granted, report, refused = {}, {}, false
for index, unit in ipairs(units) do granted[index] = unit[1] end

for index, limit in ipairs(limits) do
  local kind, target, field, maximum, unit = limit[1], limit[2], limit[3], limit[4], limit[5]
  local value = counter(target, field)
  local used, held, free, available = 0, 0, 0, 0
  local need, minimum = 0, 0
  if kind == 'w' then
    if not value or not value[1] then
      flush()
      return cmsgpack.pack({ LOAD, now })
    end
    used, held, free = spent(value), value[3], limit[8]
    available = maximum - used - held
    -- What was used beyond the maximum is taken from credits first, when the ledger hears of it.
    if limit[10] then available = available + room[unit] end
    need, minimum = units[unit][1], units[unit][2]
  elseif kind == 'r' then
    need, minimum = units[unit][1], units[unit][2]
    local live, sum = cells(value or {}, limit[8], limit[9])
    used, available = sum, maximum - sum
    local left, goal = sum, maximum - math.max(minimum, 1)
    for cell = 1, #live, 2 do
      if left <= goal then break end
      left = left - live[cell + 1]
      free = (live[cell] + limit[9] + 1) * limit[8]
    end
  else
    need, minimum = (id ~= '' and not enlarge) and 1 or 0, (id ~= '' and not enlarge) and 1 or 0
    held = value and value[1] or 0
    available = maximum - held
  end
  local refuses = (minimum > 0 and minimum > available) or (limit[7] and available <= 0)
  if refuses and limit[6] then refused = true end
  if limit[6] and kind ~= 'c' and unit > 0 and granted[unit] > available then granted[unit] = math.max(0, available) end
  report[index] = { used, held, free, refuses }
end

local record = { s = 'new', x = 0, n = {}, a = {}, t = false, e = {}, u = request[12], i = '', m = request[13] }
for index in ipairs(units) do record.n[index], record.a[index] = 0, 0 end
if enlarge then
  record = read(id)
  if not record or record.s ~= 'held' then
    flush()
    return cmsgpack.pack({ GONE, now, record and record.s or '' })
  end
  -- Limits may have come since it began, and units with them.
  record.u = request[12]
  for index in ipairs(units) do record.n[index], record.a[index] = record.n[index] or 0, record.a[index] or 0 end
end

local function entryOf(kind, target, field, unit)
  for _, entry in ipairs(record.e) do
    if entry.t == target and entry.f == field then return entry end
  end
  local entry = { k = kind, t = target, f = field, u = unit, m = 0, v = 0, o = 0, fresh = true }
  record.e[#record.e + 1] = entry
  return entry
end

local credits = {}
if not refused and id ~= '' then
  local held, covered, shortage = {}, {}, {}
  for _, limit in ipairs(limits) do
    local kind, target, field, unit = limit[1], limit[2], limit[3], limit[5]
    local value = counter(target, field)
    if kind == 'w' then
      -- Also where nothing is asked for: what is committed beyond the estimate counts until the ledger has it.
      local entry, missing = entryOf(kind, target, field, unit), 0
      if limit[10] and limit[6] then missing = clamp(granted[unit] - math.max(0, limit[4] - spent(value) - value[3]), 0, granted[unit]) end
      shortage[unit] = math.max(shortage[unit] or 0, missing)
      covered[entry] = math.max(covered[entry] or 0, missing)
      held[entry] = granted[unit] - covered[entry]
    elseif kind == 'r' then
      local entry = entryOf(kind, target, field, unit)
      entry.p, entry.c, entry.i = limit[8], limit[9], entry.i or {}
    elseif not enlarge then
      entryOf(kind, target, field, 0)
      if not value then remember(target, field, { 0 }) end
    end
  end
  local taken = {}
  for index, grant in ipairs(grants) do
    local unit, value = grant[1], counter('a', grant[2])
    local amount = clamp((shortage[unit] or 0) - (taken[unit] or 0), 0, math.max(0, grant[3] - value[1] - value[2] - value[3]))
    credits[index] = amount
    if amount > 0 then
      taken[unit] = (taken[unit] or 0) + amount
      held[entryOf('g', 'a', grant[2], unit)] = amount
    end
  end
  transition(record, function(r)
    r.s, r.x = 'held', math.max(r.x, now + ttl)
    for index in ipairs(units) do r.n[index] = r.n[index] + granted[index] end
    local before = {}
    for _, entry in ipairs(r.e) do
      entry.m = entry.m + (held[entry] or 0)
      entry.v = entry.v + (covered[entry] or 0)
      if entry.k == 'g' then
        entry.o = before[entry.u] or 0
        before[entry.u] = entry.o + entry.m
      end
    end
  end)
  write(id, record, keep)
  -- What is shown includes what was just taken.
  for index, limit in ipairs(limits) do
    local value = counter(limit[2], limit[3])
    if limit[1] == 'w' then
      report[index][2] = value[3]
    elseif limit[1] == 'c' then
      -- An enlargement is no call more: it may meet a limit that came since and has counted nothing.
      report[index][2] = value and value[1] or 0
    else
      local _, sum = cells(value or {}, limit[8], limit[9])
      report[index][1] = sum
    end
  end
end
flush()

local flat = {}
for index, line in ipairs(report) do
  flat[#flat + 1], flat[#flat + 2], flat[#flat + 3], flat[#flat + 4] = line[1], line[2], line[3], line[4] and 1 or 0
end
return cmsgpack.pack({ refused and DENY or ALLOW, now, record.x, granted, flat, credits })
