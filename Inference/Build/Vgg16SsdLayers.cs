using System.Collections.Immutable;
using Pipeline.Inference.Onnx;

namespace Pipeline.Inference;

/// <summary>
/// The layers of the paper's network (SSD paper, sections 2.1 and 3; for 512 the models of weiliu89/caffe), as a table.
/// Every convolution but those of the heads has a ReLU behind it.
/// </summary>
/// <param name="Side">Side of the input in pixels.</param>
/// <param name="Extras">Layers behind conv7.</param>
/// <param name="Sources">The layers that have heads: name, channels, default boxes a cell.</param>
internal sealed record Vgg16SsdLayers(int Side, ImmutableArray<VggLayer> Extras, ImmutableArray<HeadSource> Sources)
{
    /// <summary>VGG16 to conv7, the former fc7, which is a dilated convolution here.</summary>
    public static ImmutableArray<VggLayer> Base { get; } =
    [
        VggLayer.Convolution("conv1_1", 64),
        VggLayer.Convolution("conv1_2", 64),
        VggLayer.Pool("pool1"),
        VggLayer.Convolution("conv2_1", 128),
        VggLayer.Convolution("conv2_2", 128),
        VggLayer.Pool("pool2"),
        VggLayer.Convolution("conv3_1", 256),
        VggLayer.Convolution("conv3_2", 256),
        VggLayer.Convolution("conv3_3", 256),
        VggLayer.Pool("pool3") with { RoundsUp = true },
        VggLayer.Convolution("conv4_1", 512),
        VggLayer.Convolution("conv4_2", 512),
        VggLayer.Convolution(NormalisedLayer, 512),
        VggLayer.Pool("pool4"),
        VggLayer.Convolution("conv5_1", 512),
        VggLayer.Convolution("conv5_2", 512),
        VggLayer.Convolution("conv5_3", 512),
        new VggLayer("pool5", 0, ConvolutionWindow.Square(3, pad: 1)),
        new VggLayer("conv6", 1024, ConvolutionWindow.Square(3, pad: 6, dilation: 6)),
        new VggLayer("conv7", 1024, ConvolutionWindow.Square(1)),
    ];

    /// <summary>The layer whose features are brought to a common length before its heads.</summary>
    public const string NormalisedLayer = "conv4_3";

    /// <summary>SSD300.</summary>
    public static Vgg16SsdLayers Ssd300 { get; } = new(
        300,
        [
            .. VggLayer.Extra("conv8", 256, 512, ConvolutionWindow.Square(3, stride: 2, pad: 1)),
            .. VggLayer.Extra("conv9", 128, 256, ConvolutionWindow.Square(3, stride: 2, pad: 1)),
            .. VggLayer.Extra("conv10", 128, 256, ConvolutionWindow.Square(3)),
            .. VggLayer.Extra("conv11", 128, 256, ConvolutionWindow.Square(3)),
        ],
        [
            new("conv4_3", 4), new("conv7", 6), new("conv8_2", 6), new("conv9_2", 6), new("conv10_2", 4), new("conv11_2", 4),
        ]);

    /// <summary>SSD512.</summary>
    public static Vgg16SsdLayers Ssd512 { get; } = new(
        512,
        [
            .. VggLayer.Extra("conv8", 256, 512, ConvolutionWindow.Square(3, stride: 2, pad: 1)),
            .. VggLayer.Extra("conv9", 128, 256, ConvolutionWindow.Square(3, stride: 2, pad: 1)),
            .. VggLayer.Extra("conv10", 128, 256, ConvolutionWindow.Square(3, stride: 2, pad: 1)),
            .. VggLayer.Extra("conv11", 128, 256, ConvolutionWindow.Square(3, stride: 2, pad: 1)),
            .. VggLayer.Extra("conv12", 128, 256, ConvolutionWindow.Square(4, pad: 1)),
        ],
        [
            new("conv4_3", 4), new("conv7", 6), new("conv8_2", 6), new("conv9_2", 6), new("conv10_2", 6), new("conv11_2", 4),
            new("conv12_2", 4),
        ]);

    /// <summary>The layers of a variant.</summary>
    public static Vgg16SsdLayers Of(Vgg16SsdVariant variant) => variant == Vgg16SsdVariant.Ssd300 ? Ssd300 : Ssd512;
}

/// <summary>A convolution with its ReLU, or a maximum pooling.</summary>
/// <param name="Name">Its name in the paper and in Caffe.</param>
/// <param name="Channels">Output channels of a convolution; 0 for a pooling.</param>
/// <param name="Window">Kernel, stride and padding.</param>
internal readonly record struct VggLayer(string Name, int Channels, ConvolutionWindow Window)
{
    /// <summary>Whether a pooling's last window may reach over the edge, so that 75 becomes 38.</summary>
    public bool RoundsUp { get; init; }

    /// <summary>Whether it is a pooling.</summary>
    public bool IsPool => Channels == 0;

    /// <summary>VGG's 3×3 convolution.</summary>
    public static VggLayer Convolution(string name, int channels) => new(name, channels, ConvolutionWindow.Square(3, pad: 1));

    /// <summary>VGG's pooling: 2×2, stride 2.</summary>
    public static VggLayer Pool(string name) => new(name, 0, ConvolutionWindow.Square(2, stride: 2));

    /// <summary>A 1×1 convolution that narrows, and a larger one that shrinks the map.</summary>
    public static VggLayer[] Extra(string name, int narrow, int channels, ConvolutionWindow window) =>
        [new($"{name}_1", narrow, ConvolutionWindow.Square(1)), new($"{name}_2", channels, window)];
}

/// <summary>A layer with heads.</summary>
/// <param name="Layer">Its name.</param>
/// <param name="BoxesPerCell">Default boxes a cell.</param>
internal readonly record struct HeadSource(string Layer, int BoxesPerCell);
