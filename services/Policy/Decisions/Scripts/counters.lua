-- Counters as tables, for everything but the usual decision.
local holdsKey, liveKey, doneKey, waitingKey = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local prefix = sub(holdsKey, 1, -2)
local loaded, changed = {}, {}
local dueBefore = due

-- Counters are tables here: {ledger or false, pending, held, end}, {running}, {cell, amount, cell, amount...; cell = the present one}.
local function decode(kind, text)
  if kind == 'c' then return { (parse('<d', text)) } end
  if kind ~= 'r' then
    local ledger, pending, held, till = parse('<dddd', text)
    return { ledger ~= UNKNOWN and ledger, pending, held, till }
  end
  local cell, _, amount = parse('<ddd', text)
  local value = { cell, amount, cell = cell }
  for position = 25, #text, 16 do
    value[#value + 1], value[#value + 2] = parse('<dd', text, position)
  end
  return value
end

local function encode(kind, value)
  if kind == 'c' then return pack('<d', value[1]) end
  if kind ~= 'r' then return pack('<dddd', value[1] or UNKNOWN, value[2], value[3], value[4]) end
  local sum, amount, older = 0, 0, {}
  for index = 1, #value, 2 do
    sum = sum + value[index + 1]
    if value[index] == value.cell then
      amount = value[index + 1]
    elseif value[index + 1] > 0 then
      older[#older + 1] = pack('<dd', value[index], value[index + 1])
    end
  end
  return pack('<ddd', value.cell, sum, amount) .. table.concat(older)
end

local function remember(target, field, value)
  local fields = loaded[target]
  if not fields then
    fields = {}
    loaded[target] = fields
  end
  fields[field] = value
  return value
end

local function counter(target, field, kind)
  local fields = loaded[target]
  local value = fields and fields[field]
  if value == nil then
    local text = call('HGET', prefix .. target, field)
    value = remember(target, field, text and decode(kind, text) or false)
  end
  return value
end

local function touch(target, field, kind)
  local fields = changed[target]
  if not fields then
    fields = {}
    changed[target] = fields
  end
  fields[field] = kind
end

local function flush()
  for target, fields in pairs(changed) do
    local arguments = {}
    for field, kind in pairs(fields) do
      arguments[#arguments + 1] = field
      arguments[#arguments + 1] = encode(kind, loaded[target][field])
    end
    if #arguments > 0 then
      call('HSET', prefix .. target, unpack(arguments))
      call('PEXPIRE', prefix .. target, KEEP_COUNTERS)
    end
  end
  changed = {}
  if due ~= dueBefore then
    dueBefore = due
    call('HSET', holdsKey, '', pack('<ddd', due, renewed, latest))
    call('PEXPIRE', holdsKey, KEEP_COUNTERS)
  end
end

local function clamp(value, low, high)
  if value < low then return low end
  if value > high then return high end
  return value
end

-- Cells of a sliding window that still count. A cell counts until the whole of it has left the window.
local function cells(value, length, count)
  local present = floor(now / length)
  local live = { cell = present }
  for index = 1, #value, 2 do
    if value[index] >= present - count and value[index + 1] > 0 then
      live[#live + 1] = value[index]
      live[#live + 1] = value[index + 1]
    end
  end
  return live
end

-- Adds to a cell, when it is one that counts.
local function shift(value, cell, amount, isNew)
  for index = 1, #value, 2 do
    if value[index] == cell then
      value[index + 1] = max(0, value[index + 1] + amount)
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
  local value = cells(counter(entry.t, entry.f, 'r') or {}, entry.p, entry.c)
  local own = entry.i
  if amount > 0 then
    shift(value, value.cell, amount, true)
    shift(own, value.cell, amount, true)
  else
    local rest = -amount
    for index = #own - 1, 1, -2 do
      local part = min(rest, own[index + 1])
      own[index + 1] = own[index + 1] - part
      shift(value, own[index], -part, false)
      rest = rest - part
    end
  end
  remember(entry.t, entry.f, value)
  touch(entry.t, entry.f, 'r')
end

-- What a window has used. Corrections may have taken more from it than was used in it.
local function spent(value)
  return max(0, value[1] + value[2])
end
