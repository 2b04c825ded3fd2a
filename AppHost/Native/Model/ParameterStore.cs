using System.Text.Json;

namespace BotGeneric.AppHost.Native;

/// <summary>Generated values that must stay the same from one start to the next, in a file that only its owner can read.</summary>
internal sealed class ParameterStore
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly Dictionary<string, string> _values;

    public ParameterStore(string path)
    {
        _path = path;
        _values = Read(path);
    }

    /// <summary>The stored value; when there is none, a new one, which is stored.</summary>
    public string GetOrAdd(string name, Func<string> generate)
    {
        lock (_gate)
        {
            if (!_values.TryGetValue(name, out var value))
            {
                value = generate();
                _values[name] = value;
                PrivateFile.Write(_path, JsonSerializer.Serialize(_values, Json));
            }

            return value;
        }
    }

    private static Dictionary<string, string> Read(string path)
    {
        if (!File.Exists(path))
        {
            return [];
        }

        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [];
        }
        catch (JsonException exception)
        {
            throw new EngineException(
                $"The generated passwords in {path} cannot be read: {exception.Message}",
                "Repair the file, or start anew with empty data: ./run.sh --reset", exception);
        }
    }
}
