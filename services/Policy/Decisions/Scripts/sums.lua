-- Takes over sums of the ledger that the caller has read.
-- loads:  {{target, version, epoch, {field, ledger, end, field, ledger, end...}, regardless of the version}...}
-- answer: false where Redis has heard of more than these sums include, whichever set of counters it heard it for
local function take(loads)
  for _, load in ipairs(loads) do
    local target, version, epoch, sums, regardless = load[1], load[2], load[3], load[4], load[5]
    local had = call('HMGET', prefix .. target, 'e', 'v')
    local heard = tonumber(had[2] or -1)
    if heard > version and not regardless then return false end
    if not had[1] or sub(had[1], 1, 16) ~= epoch or heard ~= version then
      forget(target)
      call('HSET', prefix .. target, 'e', epoch .. pack('<d', now), 'v', version)
      call('PEXPIRE', prefix .. target, KEEP_COUNTERS)
    end
    for index = 1, #sums, 3 do
      local value = counter(target, sums[index], 'w') or { 0, 0, 0, 0 }
      value[1], value[4] = sums[index + 1], sums[index + 2]
      remember(target, sums[index], value)
      touch(target, sums[index], 'w')
    end
    flush()
  end
  return true
end
