using System.Buffers.Binary;
using System.Text;

namespace BotGeneric.AppHost.Native;

/// <summary>Reads the wire format of protocol buffers field by field (protobuf.dev/programming-guides/encoding).</summary>
internal ref struct ProtobufReader(ReadOnlySpan<byte> data)
{
    private const int LongestVarint = 10;

    private ReadOnlySpan<byte> _rest = data;
    private int _wireType;

    /// <summary>The number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    public bool Next()
    {
        if (_rest.IsEmpty)
        {
            return false;
        }

        var tag = Varint();
        Field = (int)(tag >> 3);
        _wireType = (int)(tag & 7);
        return true;
    }

    /// <summary>The value of a length-delimited field: bytes, a string or a message.</summary>
    public ReadOnlySpan<byte> Bytes()
    {
        var length = _wireType == 2 ? Varint() : throw Invalid();
        return length <= int.MaxValue ? Take((int)length) : throw Invalid();
    }

    public string Text() => Encoding.UTF8.GetString(Bytes());

    /// <summary>The value of an integer field.</summary>
    public ulong Integer() => _wireType == 0 ? Varint() : throw Invalid();

    /// <summary>The value of a fixed64 or double field.</summary>
    public ulong Fixed64() => _wireType == 1 ? BinaryPrimitives.ReadUInt64LittleEndian(Take(8)) : throw Invalid();

    /// <summary>Passes over the value of a field that is of no interest.</summary>
    public void Skip()
    {
        switch (_wireType)
        {
            case 0:
                Varint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                Bytes();
                break;
            case 5:
                Take(4);
                break;
            default:
                throw Invalid();
        }
    }

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Invalid();
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }

    private ulong Varint()
    {
        var value = 0UL;
        for (var index = 0; index < LongestVarint; index++)
        {
            var part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << (7 * index);
            if ((part & 0x80) == 0)
            {
                return value;
            }
        }

        throw Invalid();
    }

    private static InvalidDataException Invalid() => new("Not a protocol buffers message.");
}
