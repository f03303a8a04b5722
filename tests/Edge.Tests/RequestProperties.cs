using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Pipeline.Edge.Protocol;
using Pipeline.Edge.Tests.Support;
using Pipeline.Engines;

namespace Pipeline.Edge.Tests;

/// <summary>Whatever arrives, the answer is a result or a problem of the sender's, never a failure of ours.</summary>
public sealed class RequestProperties
{
    private const string Json =
        """{"id":"a","inputs":[{"name":"x","datatype":"FP32","shape":[2,4],"data":[[1,2,3,4],[5,6,7,8.5e1]]}],""" +
        """ "outputs":[{"name":"y"}]}""";

    [Fact]
    public void Json_CutOrChangedAnywhere_IsReadOrRefused()
    {
        Gen<(int At, byte Value, bool Cut)> damage =
            from at in Gen.Choose(0, Json.Length - 1)
            from value in Gen.Choose(0, 255)
            from cut in Gen.Elements(true, false)
            select (at, (byte)value, cut);
        Prop.ForAll(damage.ArrayOf(3).ToArbitrary(), damages =>
        {
            byte[] json = Encoding.UTF8.GetBytes(Json);
            foreach ((int at, byte value, bool cut) in damages)
            {
                if (cut) json = json[..Math.Min(json.Length, Math.Max(at, 40))];
                else if (at < json.Length) json[at] = value;
            }

            return IsReadOrRefused(() => InferRequestReader.Read(json, new InferRequest()));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Fact]
    public void Elements_OfAnyText_AreReadOrRefused()
    {
        Gen<string> tokens = Gen.Elements(
            ",", ",", ",", ",", ",", "1", "-1", "0.5", "1e400", "256", "true", "null",
            "\"NaN\"", "{}", "[1,2]", "[true,false]", "[1,2],[3,4]", "18446744073709551616");
        ElementType[] types = Enum.GetValues<ElementType>();
        Arbitrary<(string[] Tokens, ElementType Type)> cases =
            tokens.ArrayOf().SelectMany(t => Gen.Elements(types).Select(e => (t, e))).ToArbitrary();
        Prop.ForAll(cases, c =>
        {
            byte[] json = Encoding.UTF8.GetBytes("[" + string.Concat(c.Tokens) + "]");
            if (!IsJson(json)) return true;
            byte[] destination = new byte[4 * c.Type.SizeBytes()];
            return IsReadOrRefused(() => TensorJson.Read(json, "x", c.Type, [2, 2], destination));
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));
    }

    [Fact]
    public void Floats_WrittenAndRead_AreTheSame() => Prop.ForAll<float[]>(values =>
    {
        float[] finite = [.. values.Where(float.IsFinite)];
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(text))
        {
            if (!TensorJson.TryWrite(json, ElementType.Float32, MemoryMarshal.AsBytes<float>(finite))) return false;
        }

        float[] read = new float[finite.Length];
        TensorJson.Read(
            text.WrittenSpan, "x", ElementType.Float32, [finite.Length], MemoryMarshal.AsBytes(read.AsSpan()));
        return read.AsSpan().SequenceEqual(finite);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public async Task Binary_CutOrLiedAboutAnywhere_NeverFailsTheEdge()
    {
        await using EdgeHarness edge =
            await EdgeHarness.ServeAsync("add", TestEngines.Build(TinyOnnx.Add(1)), Profiles.Rows(8));
        var random = new Random(11);
        byte[] json =
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[2,4],"parameters":{"binary_data_size":32}}]}"""u8
            .ToArray();
        byte[] whole = [.. json, .. new byte[32]];
        for (int i = 0; i < 400; i++)
        {
            byte[] body = whole[..random.Next(whole.Length + 1)];
            if (body.Length > 0 && random.Next(2) == 0) body[random.Next(body.Length)] = (byte)random.Next(256);
            int headerLength = random.Next(3) == 0 ? random.Next(200) : json.Length;
            using var content = new ByteArrayContent(body);
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/add/infer") { Content = content };
            request.Headers.Add(RequestBody.JsonLengthHeader, $"{headerLength}");
            InferAnswer answer = await edge.SendAsync(request);
            Assert.True(
                answer.Status is HttpStatusCode.OK or HttpStatusCode.BadRequest,
                $"{answer.Status} for {Convert.ToHexString(body)} with {headerLength}");
        }

        Assert.Equal(0, edge.Gate.BufferedBytes);
        Assert.Equal(0, edge.Gate.InFlight);
    }

    private static bool IsJson(byte[] json)
    {
        try
        {
            JsonDocument.Parse(json).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsReadOrRefused(Action read)
    {
        try
        {
            read();
            return true;
        }
        catch (ProtocolException e)
        {
            return e.Status == 400;
        }
    }
}
