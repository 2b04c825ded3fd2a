namespace BotGeneric.AppHost.Native;

/// <summary>Files that only their owner may read, replaced as a whole so that a crash never leaves half of one.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public static void Write(string path, string content, SystemUser? owner = null)
    {
        var temporary = $"{path}.{Environment.ProcessId}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = OwnerOnly };
        try
        {
            using (var writer = new StreamWriter(temporary, options))
            {
                writer.Write(content);
            }

            if (owner is not null)
            {
                Libc.ChangeOwner(temporary, owner);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
