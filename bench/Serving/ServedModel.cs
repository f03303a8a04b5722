using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Policies;
using Pipeline.Engines;
using Pipeline.Local.Environments;

namespace Pipeline.Bench.Serving;

/// <summary>A model that is measured behind the edge: one float image an item.</summary>
internal sealed record ServedModel
{
    /// <summary>Its name on the route.</summary>
    public required string Name { get; init; }

    public required string FileName { get; init; }

    public required string Input { get; init; }

    /// <summary>Shape of one item, without the axis that batches grow on.</summary>
    public required ImmutableArray<long> ItemShape { get; init; }

    public required int ItemsMaximum { get; init; }

    /// <summary>Null: as the profile allows.</summary>
    public BatchingPolicy? Batching { get; init; }

    public string Path => RepositoryLayout.OcrModel(FileName);

    public ShapeProfile Profile => new()
    {
        Name = "items",
        Inputs = ImmutableSortedDictionary<string, ShapeRange>.Empty.Add(Input, new ShapeRange
        {
            Minimum = Shape(1),
            Typical = Shape(1),
            Maximum = Shape(ItemsMaximum),
        }),
    };

    public Tensor CreateInput(int items)
    {
        var random = new Random(items);
        float[] pixels = new float[items * ItemShape.Aggregate(1L, (product, dimension) => product * dimension)];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (random.NextSingle() * 2) - 1;
        return Tensor.Copy<float>(Input, pixels, Shape(items).AsSpan());
    }

    /// <summary>A request's body with the tensor as bytes behind the JSON.</summary>
    public static byte[] CreateBody(Tensor input, out int jsonLength)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new
        {
            inputs = new[]
            {
                new
                {
                    name = input.Name,
                    datatype = "FP32",
                    shape = input.Shape.ToArray(),
                    parameters = new { binary_data_size = input.Data.Length },
                },
            },
            parameters = new { binary_data_output = true },
        });
        jsonLength = json.Length;
        return [.. json, .. input.Data.Span];
    }

    private ImmutableArray<long> Shape(int items) => [items, .. ItemShape];
}
