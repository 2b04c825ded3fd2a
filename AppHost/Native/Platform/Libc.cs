using System.ComponentModel;
using System.Runtime.InteropServices;

namespace BotGeneric.AppHost.Native;

internal enum Signal
{
    Hangup = 1,
    Interrupt = 2,
    Kill = 9,
    Terminate = 15,
}

/// <summary>The few system calls that the base class library does not offer.</summary>
internal static partial class Libc
{
    private const int NoSuchProcess = 3;

    public static bool IsRoot => GetEffectiveUserId() == 0;

    /// <summary>Sends a signal to a process, or with a negative id to a process group. False when it no longer exists.</summary>
    public static bool Send(int processId, Signal signal)
    {
        if (Kill(processId, (int)signal) == 0)
        {
            return true;
        }

        var error = Marshal.GetLastPInvokeError();
        return error == NoSuchProcess ? false : throw new Win32Exception(error, $"Cannot send {signal} to process {processId}");
    }

    /// <summary>Makes a file or folder and everything below it belong to a user.</summary>
    public static void ChangeOwner(string path, SystemUser user)
    {
        ChangeOwnerOfOne(path, user);
        if (!Directory.Exists(path))
        {
            return;
        }

        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        foreach (var entry in Directory.EnumerateFileSystemEntries(path, "*", everything))
        {
            ChangeOwnerOfOne(entry, user);
        }
    }

    private static void ChangeOwnerOfOne(string path, SystemUser user)
    {
        if (LChown(path, user.UserId, user.GroupId) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"Cannot give {path} to the user {user.Name}");
        }
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUserId();

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int processId, int signal);

    [LibraryImport("libc", EntryPoint = "lchown", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LChown(string path, uint owner, uint group);
}
