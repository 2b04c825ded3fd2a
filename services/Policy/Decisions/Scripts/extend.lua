-- Enlarges a hold that runs, or makes one that credits may have to cover: with every entry of its record, and through its state before and after.
--
-- it: what authorize.lua has read of the question and found out about the limits
-- answer: status; the expiry, or the state of a hold that does not run any more
local function extend(it)
  local granted, report = it.granted, it.report
  local sent = cmsgpack.unpack(ARGV[3])
  local record = { s = 'new', x = 0, n = {}, a = {}, t = false, e = {}, i = '', m = sent[3], d = assumedOf(sent) }
  if not it.isNew then
    record = find(it.id, it.keep)
    if not record or record.s ~= 'held' then
      flush()
      return 4, record and record.s or ''
    end
  end
  if it.refused then return 1, record.x end
  -- Limits may have come since it began, and units with them.
  record.u = sent[1]
  if not it.isNew then
    -- What an enlargement names is not assumed any more.
    local assumed = {}
    for _, unit in ipairs(record.d) do
      if granted[unit] == 0 then assumed[#assumed + 1] = unit end
    end
    record.d = assumed
  end
  for index in ipairs(record.u) do record.n[index], record.a[index] = record.n[index] or 0, record.a[index] or 0 end

  local targets = {}
  for target, size in ipairs(it.counts) do
    for _ = 1, size do targets[#targets + 1] = sub(KEYS[target + 4], #prefix + 1) end
  end
  local function entryOf(kind, c, unit)
    local target, field = targets[c], ARGV[c + 4]
    for _, entry in ipairs(record.e) do
      if entry.t == target and entry.f == field then return entry end
    end
    local entry = { k = kind, t = target, f = field, u = unit, m = 0, v = 0, o = 0, fresh = true }
    record.e[#record.e + 1] = entry
    return entry
  end

  local held, covered, shortage, at = {}, {}, {}, it.limitsAt
  local shown = {}
  for limit = 1, it.limits do
    local kind, c, unit, maximum, enforced, extends
    kind, c, unit, maximum, enforced, extends, at = parse('<BHHdBB', ARGV[2], at)
    shown[limit] = { kind, c }
    if kind == 1 then
      -- Also where nothing is asked for: what is committed beyond the estimate counts until the ledger has it.
      local entry, missing = entryOf('w', c, unit), 0
      if extends == 1 and enforced == 1 then
        missing = clamp(granted[unit] - max(0, maximum - report[limit * 2 - 1] - report[limit * 2]), 0, granted[unit])
      end
      shortage[unit] = max(shortage[unit] or 0, missing)
      covered[entry] = max(covered[entry] or 0, missing)
      held[entry] = granted[unit] - covered[entry]
    elseif kind == 2 then
      local entry = entryOf('r', c, unit)
      entry.p, entry.c, at = parse('<dB', ARGV[2], at)
      entry.i = entry.i or {}
      shown[limit] = { kind, c, entry.p, entry.c }
    elseif it.isNew then
      entryOf('c', c, 0)
      if not counter(targets[c], ARGV[c + 4], 'c') then remember(targets[c], ARGV[c + 4], { 0 }) end
    end
  end

  local taken = {}
  at = it.grantsAt
  for _ = 1, it.grants do
    local unit, c, amount
    unit, c, amount, at = parse('<HHd', ARGV[2], at)
    local value = counter(targets[c], ARGV[c + 4], 'g')
    local part = clamp((shortage[unit] or 0) - (taken[unit] or 0), 0, max(0, amount - value[1] - value[2] - value[3]))
    if part > 0 then
      taken[unit] = (taken[unit] or 0) + part
      held[entryOf('g', c, unit)] = part
    end
  end

  transition(record, function(r)
    r.s, r.x = 'held', max(r.x, now + it.ttl)
    for index in ipairs(r.u) do r.n[index] = r.n[index] + granted[index] end
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
  write(it.id, record, it.keep)

  -- What is shown includes what was just taken.
  for limit, line in ipairs(shown) do
    local target, field = targets[line[2]], ARGV[line[2] + 4]
    if line[1] == 1 then
      report[limit * 2] = counter(target, field, 'w')[3]
    elseif line[1] == 3 then
      -- An enlargement is no call more: it may meet a limit that came since and has counted nothing.
      local value = counter(target, field, 'c')
      report[limit * 2] = value and value[1] or 0
    else
      local live, sum = cells(counter(target, field, 'r') or {}, line[3], line[4]), 0
      for index = 2, #live, 2 do sum = sum + live[index] end
      report[limit * 2 - 1] = sum
    end
  end
  flush()
  return 0, record.x
end
