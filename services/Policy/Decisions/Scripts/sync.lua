-- Carries what the usage ledger has accepted into the counters.
--
-- ARGV[2]: {keep, {settled hold ids}, {target, epoch, version before, version, {field, amount, field, amount...}}...}
-- answer:  {number of targets whose sums are to be read anew}
local keep, settled, targets = unpack(cmsgpack.unpack(ARGV[2]))

sweep(keep)

for _, id in ipairs(settled) do
  local record = read(id)
  if record and not record.t then
    transition(record, function(r)
      r.t = true
      if r.s == 'held' or r.s == 'expired' then r.s = 'recorded' end
    end)
    write(id, record, keep)
  end
end

local stale = 0
for _, target in ipairs(targets) do
  local name, epoch, before, version, amounts = target[1], target[2], target[3], target[4], target[5]
  local known = call('HMGET', prefix .. name, 'e', 'v')
  -- One whose sums already include this is left alone. One that nobody has asked about has no sums yet, but whoever is reading them at this moment must
  -- notice that they are old.
  if tonumber(known[2] or -1) < version then
    if known[1] and sub(known[1], 1, 16) == epoch and tonumber(known[2]) == before then
      for index = 1, #amounts, 2 do
        local value = counter(name, amounts[index], 'w')
        if value and value[1] then
          value[1] = value[1] + amounts[index + 1]
          touch(name, amounts[index], 'w')
        end
      end
    else
      forget(name)
      stale = stale + 1
    end
    call('HSET', prefix .. name, 'v', version)
    call('PEXPIRE', prefix .. name, KEEP_COUNTERS)
  end
end
flush()
return cmsgpack.pack({ stale })
